import { rpcContentType, rpcLimits } from "../../src/rpc/index.ts";
import { contentLength, type HttpRequester } from "./http-requester.ts";

/** By the runtime's own `fetch`, which keeps connections open: the best there is on Bun and Deno, slow on Node. */
export function fetchRequester(): HttpRequester {
  return {
    async post(url, body, signal) {
      const headers = { "content-type": rpcContentType };
      const response = await fetch(url, { method: "POST", headers, body, signal, redirect: "error" });
      contentLength(response.headers.get("content-length"), rpcLimits.messageBytes);
      return { status: response.status, body: new Uint8Array(await response.arrayBuffer()) };
    },
    // The connections are the runtime's.
    [Symbol.dispose]() {},
  };
}
