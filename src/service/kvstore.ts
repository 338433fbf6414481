import type { Clerk, WriteResult } from "../kvraft/index.ts";
import type { ReplicaState } from "../ports/index.ts";
import type { GuardedHandler } from "./auth/index.ts";
import type { Bodies } from "./bodies/index.ts";
import { keyBytes } from "./key.ts";
import { problem } from "./problems.ts";
import type { StoreAnswers } from "./store-answers.ts";
import type { WaitingRequests } from "./waiting-requests.ts";
import { readWriteRequest, type WriteRequest } from "./write-request.ts";

export interface StoreRouteOptions {
  readonly clerk: Clerk;
  /** Limits the requests that wait for the clerk. */
  readonly waiting: WaitingRequests;
  readonly answers: StoreAnswers;
}

export interface WriteRouteOptions extends StoreRouteOptions {
  readonly bodies: Bodies;
}

/** `(Term(3), true)`: the term, and whether this replica believes that it leads. */
export function isLeader(status: () => ReplicaState): GuardedHandler {
  return (c) => {
    const { currentTerm, role } = status();
    return c.text(`(Term(${currentTerm}), ${role === "leader"})`);
  };
}

/** The path before the key. */
export const getPath = "/kvstore/get/";

/** `key!counter!value`; see {@link StoreAnswers}. */
export function get({ clerk, waiting, answers }: StoreRouteOptions): GuardedHandler {
  return async (c, caller) => {
    using slot = waiting.take();
    if (slot === undefined) return waiting.refusal();
    const encoded = keyIn(c.req.url);
    if (encoded === undefined) return c.notFound();
    const name = decodedName(encoded);
    if (name instanceof Response) return name;
    const key = keyBytes(name);
    if (key instanceof Response) return key;
    return caller.refusalFor("read", key) ?? answers.read(name, await clerk.get(key));
  };
}

export function put(options: WriteRouteOptions): GuardedHandler {
  return write(options, ({ key, value }) => options.clerk.put(key, value));
}

export function append(options: WriteRouteOptions): GuardedHandler {
  return write(options, ({ key, value }) => options.clerk.append(key, value));
}

function write(
  { waiting, bodies, answers }: WriteRouteOptions,
  run: (write: WriteRequest) => Promise<WriteResult>,
): GuardedHandler {
  return async (c, caller) => {
    using slot = waiting.take();
    if (slot === undefined) return waiting.refusal();
    const request = await readWriteRequest(c.req.raw, bodies);
    if (request instanceof Response) return request;
    return caller.refusalFor("write", request.key) ?? answers.write(await run(request));
  };
}

/**
 * Returns the percent-encoded key from the request's path, or undefined if the path has none (the route's `*` also
 * matches an empty key).
 */
function keyIn(url: string): string | undefined {
  const end = url.search(/[?#]/);
  const path = end === -1 ? url : url.slice(0, end);
  const start = path.indexOf(getPath);
  return start === -1 ? undefined : path.slice(start + getPath.length);
}

/** Decodes a percent-encoded key, or returns the response that says what is wrong with it. */
export function decodedName(text: string): string | Response {
  try {
    return decodeURIComponent(text);
  } catch {
    return problem("malformed", "key: must be percent-encoded UTF-8");
  }
}
