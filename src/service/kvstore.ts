import type { Context } from "hono";
import type { Clerk, WriteResult } from "../kvraft/index.ts";
import type { ReplicaState } from "../ports/index.ts";
import type { GuardedHandler } from "./auth/index.ts";
import type { Bodies } from "./bodies/index.ts";
import { keyBytes } from "./key.ts";
import { noAnswer } from "./no-answer.ts";
import { problem } from "./problems.ts";
import type { WaitingRequests } from "./waiting-requests.ts";
import { readWriteRequest, type WriteRequest } from "./write-request.ts";

/** Returns the current state of this replica. */
type Status = () => ReplicaState;

export interface StoreRouteOptions {
  readonly clerk: Clerk;
  /** Limits the requests that wait for the clerk. */
  readonly waiting: WaitingRequests;
  readonly status: Status;
}

export interface WriteRouteOptions extends StoreRouteOptions {
  readonly bodies: Bodies;
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** `(Term(3), true)`: the term, and whether this replica believes that it leads. */
export function isLeader(status: Status): GuardedHandler {
  return (c) => {
    const { currentTerm, role } = status();
    return c.text(`(Term(${currentTerm}), ${role === "leader"})`);
  };
}

/** The path before the key. */
export const getPath = "/kvstore/get/";

/**
 * `key!counter!value`. The counter counts the gets answered by this replica, from 0. An absent key has an empty value.
 */
export function get({ clerk, waiting, status }: StoreRouteOptions): GuardedHandler {
  let counter = 0;
  return async (c, caller) => {
    using slot = waiting.take();
    if (slot === undefined) return waiting.refusal();
    const encoded = keyIn(c.req.url);
    if (encoded === undefined) return c.notFound();
    const name = decoded(encoded);
    if (name === undefined) return problem("malformed", "key: must be percent-encoded UTF-8");
    const key = keyBytes(name);
    if (key instanceof Response) return key;
    const refusal = caller.refusalFor("read", key);
    if (refusal !== undefined) return refusal;
    const result = await clerk.get(key);
    if (result.type === "unavailable") return noAnswer(result, status);
    if (result.type === "tooLarge") {
      const most = `value: at most ${result.limitBytes} bytes can be forwarded to the leader`;
      return problem("tooLarge", `${most}; send it to the leader directly`);
    }
    const value = result.value === undefined ? "" : utf8.decode(result.value);
    return c.text(`${name}!${counter++}!${value}`);
  };
}

export function put(options: WriteRouteOptions): GuardedHandler {
  return write(options, ({ key, value }) => options.clerk.put(key, value));
}

export function append(options: WriteRouteOptions): GuardedHandler {
  return write(options, ({ key, value }) => options.clerk.append(key, value));
}

function write(
  { waiting, bodies, status }: WriteRouteOptions,
  run: (write: WriteRequest) => Promise<WriteResult>,
): GuardedHandler {
  return async (c, caller) => {
    using slot = waiting.take();
    if (slot === undefined) return waiting.refusal();
    const request = await readWriteRequest(c.req.raw, bodies);
    if (request instanceof Response) return request;
    return caller.refusalFor("write", request.key) ?? answer(c, await run(request), status);
  };
}

function answer(c: Context, result: WriteResult, status: Status): Response {
  switch (result.type) {
    case "written":
      return c.text("OK");
    case "tooLarge":
      return problem("tooLarge", `value: would grow beyond ${result.limitBytes} bytes`);
    case "unavailable":
      return noAnswer(result, status);
  }
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

/** Returns undefined if the text is not percent-encoded UTF-8. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
