import type { Command, KvRequest } from "../kv/index.ts";
import type { Random } from "../ports/index.ts";
import { invariant, type ReplicaId } from "../raft/index.ts";

/** What the leader adds to a request. */
export interface CommandContext {
  /** The sender of the request. */
  readonly owner: ReplicaId;
  /** Cluster time. */
  readonly timeMs: number;
  /** Draws the ids of sessions. */
  readonly random: Random;
}

/** Returns the command that does what a request wants. */
export function commandOf(
  request: Exclude<KvRequest, { type: "kvGet" }>,
  { owner, timeMs, random }: CommandContext,
): Command {
  switch (request.type) {
    case "kvPut":
      return { ...request, type: "put", owner, timeMs };
    case "kvAppend":
      return { ...request, type: "append", owner, timeMs };
    case "kvRegister":
      return { ...request, type: "register", owner, timeMs };
    case "kvOpenSession":
      return { type: "openSession", session: drawSession(random), owner, timeMs };
    case "kvCommitSentinel":
      return { type: "commitSentinel", timeMs };
  }
}

/** Draws 53 bits in two parts, because some sources of random numbers have no more than 32 bits. */
function drawSession(random: Random): number {
  const session = Math.floor(random() * 2 ** 21) * 2 ** 32 + Math.floor(random() * 2 ** 32);
  invariant(Number.isSafeInteger(session) && session >= 0, "a session's id has 53 bits");
  return session;
}
