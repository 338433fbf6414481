/**
 * A transport over HTTP: one POST per call, for Bun, Node and Deno.
 *
 * @module
 */
export type { Resolve } from "./addresses.ts";
export { fetchRequester } from "./fetch-requester.ts";
export type { HttpRequester, HttpResponse } from "./http-requester.ts";
export { HttpTransport, type HttpTransportOptions, rpcPath } from "./http-transport.ts";
export { nodeRequester } from "./node-requester.ts";
