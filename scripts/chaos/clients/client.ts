import type { ChaosReplica } from "../cluster/replica.ts";
import { type ChaosOperation, textOf } from "../history.ts";
import { HttpConnection, type Reply, type Request } from "./http-connection.ts";

/** Time in ms after which a request counts as unanswered. The service's own timeout is 5 s. */
export const ANSWER_WITHIN_MS = 10_000;

/** An operation that a client should perform. */
export interface Wish {
  readonly key: string;
  readonly type: "get" | "put" | "append";
  /** Pads the value of a put. */
  readonly paddingBytes?: number;
}

/** Performs one operation at a time and records the results. */
export class Client {
  readonly name: string;
  readonly #now: () => number;
  readonly #record: (operation: ChaosOperation) => void;
  readonly #connections: Map<ChaosReplica, HttpConnection> = new Map();
  #count = 0;

  constructor(name: string, now: () => number, record: (operation: ChaosOperation) => void) {
    this.name = name;
    this.#now = now;
    this.#record = record;
  }

  async do(wish: Wish, replica: ChaosReplica): Promise<ChaosOperation> {
    const { key, type } = wish;
    const tag = `${this.name}.${this.#count++}`;
    const action = type === "get" ? { type } : { type, tag };
    const callAt = this.#now();
    const reply = await this.#connectionTo(replica).ask(requestOf(wish, tag));
    const returnAt = this.#now();
    const isHanging = reply.type === "timeout" && replica.servedSince(callAt);
    const operation: ChaosOperation = {
      ...{ client: this.name, replica: replica.id, key, action, callAt, returnAt },
      ...outcomeOf(reply, wish),
      ...(isHanging ? { isHanging } : {}),
    };
    this.#record(operation);
    return operation;
  }

  close(): void {
    for (const connection of this.#connections.values()) connection.close();
  }

  #connectionTo(replica: ChaosReplica): HttpConnection {
    let connection = this.#connections.get(replica);
    if (connection === undefined) {
      connection = new HttpConnection(replica.address, ANSWER_WITHIN_MS);
      this.#connections.set(replica, connection);
    }
    return connection;
  }
}

function requestOf({ key, type, paddingBytes }: Wish, tag: string): Request {
  if (type === "get") return { method: "GET", path: `/kvstore/get/${key}` };
  const body = JSON.stringify({ key, value: textOf(tag, paddingBytes) });
  return { method: "POST", path: `/kvstore/${type}`, body };
}

function outcomeOf(reply: Reply, wish: Wish): Pick<ChaosOperation, "outcome" | "value" | "end"> {
  switch (reply.type) {
    case "refused":
      return { outcome: "none", end: "refused" };
    case "lost":
    case "timeout":
      return { outcome: "unknown", end: reply.type };
    case "answer":
      return outcomeOfAnswer(reply.status, reply.body, wish);
  }
}

function outcomeOfAnswer(
  status: number,
  body: string,
  { type, key }: Wish,
): Pick<ChaosOperation, "outcome" | "value" | "end"> {
  const end = String(status);
  if (status !== 200) return { outcome: outcomeTold(body), end };
  if (type !== "get") return { outcome: "ok", end };
  const start = new RegExp(`^${key}!\\d+!`).exec(body)?.[0];
  // A value that no client wrote is kept, so that the verdict reports it.
  return { outcome: "ok", end, value: start === undefined ? `?${body}` : body.slice(start.length) };
}

/** Returns the outcome in a problem+json body. Anything else means `unknown`. */
function outcomeTold(body: string): "none" | "unknown" {
  try {
    const problem: unknown = JSON.parse(body);
    const isNone =
      typeof problem === "object" && problem !== null && "outcome" in problem && problem.outcome === "none";
    return isNone ? "none" : "unknown";
  } catch {
    return "unknown";
  }
}
