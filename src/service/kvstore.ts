import type { Context, Handler } from "hono";
import type { Clerk, Unavailable, UnavailableReason, WriteResult } from "../kvraft/index.ts";
import type { ReplicaState } from "../ports/index.ts";
import type { Bodies } from "./bodies/index.ts";
import { keyBytes } from "./key.ts";
import { problem } from "./problems.ts";
import { whyNoLeader } from "./waiting-for.ts";
import type { WaitingRequests } from "./waiting-requests.ts";
import { readWriteRequest, type WriteRequest } from "./write-request.ts";

/** The state of this replica as it is now. */
type Status = () => ReplicaState;

export interface StoreRouteOptions {
  readonly clerk: Clerk;
  /** Bounds the requests that wait for the clerk. */
  readonly waiting: WaitingRequests;
  readonly status: Status;
}

export interface WriteRouteOptions extends StoreRouteOptions {
  readonly bodies: Bodies;
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** `(Term(3), true)`: the term, and whether this replica believes that it leads it. */
export function isLeader(status: Status): Handler {
  return (c) => {
    const { currentTerm, role } = status();
    return c.text(`(Term(${currentTerm}), ${role === "leader"})`);
  };
}

/** What stands before the key. */
export const getPath = "/kvstore/get/";

/** `key!counter!value`: the counter is of the gets answered here, from 0; an absent key has an empty value. */
export function get({ clerk, waiting, status }: StoreRouteOptions): Handler {
  let counter = 0;
  return async (c) => {
    using place = waiting.take();
    if (place === undefined) return waiting.refusal();
    const encoded = keyIn(c.req.url);
    if (encoded === undefined) return c.notFound();
    const name = decoded(encoded);
    if (name === undefined) return problem("malformed", "key: must be percent-encoded UTF-8");
    const key = keyBytes(name);
    if (key instanceof Response) return key;
    const result = await clerk.get(key);
    if (result.type === "unavailable") return noAnswer(result, status);
    if (result.type === "tooLarge") {
      const most = `value: larger than the ${result.limitBytes} bytes that a replica passes on to another`;
      return problem("tooLarge", `${most}; ask the leader itself`);
    }
    const value = result.value === undefined ? "" : utf8.decode(result.value);
    return c.text(`${name}!${counter++}!${value}`);
  };
}

export function put(options: WriteRouteOptions): Handler {
  return write(options, ({ key, value }) => options.clerk.put(key, value));
}

export function append(options: WriteRouteOptions): Handler {
  return write(options, ({ key, value }) => options.clerk.append(key, value));
}

function write(
  { waiting, bodies, status }: WriteRouteOptions,
  run: (write: WriteRequest) => Promise<WriteResult>,
): Handler {
  return async (c) => {
    using place = waiting.take();
    if (place === undefined) return waiting.refusal();
    const request = await readWriteRequest(c.req.raw, bodies);
    return request instanceof Response ? request : answer(c, await run(request), status);
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

const whyUnavailable: Readonly<Record<Exclude<UnavailableReason, "noLeader">, string>> = {
  timeout: "the leader did not answer in time",
  overloaded: "the cluster is given more to write than it can",
  tooManySessions: "the cluster has as many sessions in use as it takes, and this replica has none yet",
  sessionExpired: "the cluster has ended the session in which this replica writes; it opens another",
  notCarried: "value: no message carries it any more, but one that was sent before may have",
};

function noAnswer({ outcome, reason }: Unavailable, status: Status): Response {
  const isBusy = reason === "overloaded" || reason === "tooManySessions";
  const none = isBusy ? "overloaded" : "unavailable";
  const why = reason === "noLeader" ? whyNoLeader(status()) : whyUnavailable[reason];
  return problem(outcome === "none" ? none : "uncertain", why);
}

/** The key as it stands in the URL of a request; undefined if not even its path does, for `*` is content with less. */
function keyIn(url: string): string | undefined {
  const end = url.search(/[?#]/);
  const path = end === -1 ? url : url.slice(0, end);
  const start = path.indexOf(getPath);
  return start === -1 ? undefined : path.slice(start + getPath.length);
}

/** Undefined if it is not percent-encoded UTF-8. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
