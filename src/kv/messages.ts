import type { Registration } from "./registry.ts";

/**
 * Identifies one write of a client, which is applied exactly once however often it is sent.
 *
 * The cluster opens the session. `sequence` numbers the session's writes from 1. `lowestPending` is the lowest sequence
 * whose result the client still needs; older results are dropped.
 */
export interface WriteTicket {
  /** As the cluster opened it. */
  readonly session: number;
  /** The number of this write in the session, from 1. */
  readonly sequence: number;
  /** At most `sequence`. */
  readonly lowestPending: number;
}

/** A request of a client to the store. */
export type KvRequest =
  | { readonly type: "kvOpenSession" }
  | { readonly type: "kvGet"; readonly key: Uint8Array }
  | ({ readonly type: "kvPut"; readonly key: Uint8Array; readonly value: Uint8Array } & WriteTicket)
  | ({ readonly type: "kvAppend"; readonly key: Uint8Array; readonly value: Uint8Array } & WriteTicket)
  | ({ readonly type: "kvRegister" } & Registration & WriteTicket)
  /** Commits an empty command. When it returns, everything acknowledged before it is applied. */
  | { readonly type: "kvCommitSentinel" };

/** The state machine's result of a command, the same on every replica. */
export type KvResult =
  | { readonly type: "session"; readonly session: number }
  /** No session was opened: a limit is reached, and no session of this owner may end for a new one. */
  | { readonly type: "tooManySessions" }
  /** `revision` is the index of the log entry that made the write, or of the commit sentinel. */
  | { readonly type: "written"; readonly revision: number }
  /**
   * The session is gone, or the result of this sequence below `lowestPending` was dropped. This attempt wrote nothing
   * and no later attempt with this ticket will. An earlier attempt may have.
   */
  | { readonly type: "sessionExpired" }
  /**
   * The sequence is too far ahead of the session's lowest pending one, or the cluster is overloaded, or the id that was drawn
   * for a session is taken. This attempt wrote nothing; a retry with the same ticket may succeed.
   */
  | { readonly type: "overloaded" }
  /**
   * The value would exceed the limit: nothing was written. This is final. The session remembers the refusal, as it
   * remembers a revision. So no later copy of this request writes anything. A copy may be a retry, a transport's
   * duplicate, or an earlier leader's entry that is committed after all.
   */
  | { readonly type: "tooLarge"; readonly limitBytes: number }
  /** The name's present value has this revision, 0 if there is none, and not the expected one: nothing was written. Final. */
  | { readonly type: "conflict"; readonly revision: number }
  /** The registry has as many names as it may have: nothing was written. Final. */
  | { readonly type: "registryFull" }
  /** No replica can decode the command: it changed nothing. Replicas never propose such a command. */
  | { readonly type: "malformed"; readonly reason: string };

/** The reply to a `KvRequest`. */
export type KvReply =
  | Exclude<KvResult, { type: "malformed" }>
  | { readonly type: "value"; readonly value: Uint8Array | undefined; readonly revision: number }
  /**
   * The value does not fit into a message. This attempt wrote nothing. Earlier attempts may have, because transports
   * differ in their limits.
   */
  | { readonly type: "notCarried"; readonly limitBytes: number }
  /** Nothing was written. `leader` is the leader if this replica knows it. */
  | { readonly type: "notLeader"; readonly leader: string | undefined }
  /** The command may or may not take effect. */
  | { readonly type: "unknown" };

/** Limits of a request and of a batch. */
export const kvLimits: {
  readonly keyBytes: number;
  readonly valueBytes: number;
  readonly batchRequests: number;
} = {
  keyBytes: 4 << 10,
  valueBytes: 1 << 20,
  batchRequests: 1024,
};
