import type { IncomingMessage } from "node:http";
import { rpcContentType, rpcLimits } from "../../src/rpc/index.ts";
import { contentLength, type HttpRequester, type HttpResponse } from "./http-requester.ts";

/**
 * By `node:http` with connections that are kept open: several times as fast as Node's `fetch`, and faster than Deno's, which
 * would obey `HTTP_PROXY`.
 */
export async function nodeRequester(): Promise<HttpRequester> {
  // Loaded here, so that Bun does not load them.
  const [http, https] = await Promise.all([import("node:http"), import("node:https")]);
  const plain = { request: http.request, agent: new http.Agent({ keepAlive: true }) };
  const secure = { request: https.request, agent: new https.Agent({ keepAlive: true }) };

  return {
    post: (url, body, signal) =>
      new Promise((resolve, reject) => {
        const { request: open, agent } = url.startsWith("https:") ? secure : plain;
        const headers = { "content-type": rpcContentType, "content-length": body.length };
        const request = open(url, { method: "POST", agent, headers, signal });
        request.once("error", reject);
        request.once("response", (response) => {
          readResponse(response).then(resolve, (error: unknown) => {
            reject(error);
            request.destroy();
          });
        });
        request.end(body);
      }),
    [Symbol.dispose]() {
      plain.agent.destroy();
      secure.agent.destroy();
    },
  };
}

function readResponse(response: IncomingMessage): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const body = new Uint8Array(contentLength(response.headers["content-length"], rpcLimits.messageBytes));
    let read = 0;
    response.on("data", (chunk: Uint8Array) => {
      body.set(chunk, read);
      read += chunk.length;
    });
    const { statusCode: status = 0, headers } = response;
    response.once("end", () => resolve({ status, contentType: headers["content-type"], body }));
    response.once("error", reject);
  });
}
