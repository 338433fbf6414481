import { rpcContentType, rpcLimits } from "../../src/rpc/index.ts";
import { contentLength, type HttpRequester } from "./http-requester.ts";

/** For Bun's `fetch`, whatever the environment says of proxies: peers are called directly. */
const direct = { proxy: false } as const;

/** By the runtime's own `fetch`, which keeps connections open: the best there is on Bun, slow on Node and Deno. */
export function fetchRequester(): HttpRequester {
  return {
    async post(url, body, signal) {
      const headers = { "content-type": rpcContentType };
      const response = await fetch(url, {
        ...direct,
        method: "POST",
        headers,
        body,
        signal,
        redirect: "error",
      });
      contentLength(response.headers.get("content-length"), rpcLimits.messageBytes);
      const contentType = response.headers.get("content-type") ?? undefined;
      return { status: response.status, contentType, body: new Uint8Array(await response.arrayBuffer()) };
    },
    // The connections are the runtime's.
    [Symbol.dispose]() {},
  };
}
