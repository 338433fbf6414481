import type { LogPosition, ReplicaId } from "../raft/index.ts";

/**
 * The outcome of a proposal.
 *
 * `committed`: it took effect, once, at this position. `notLeader`, `overloaded`: it was not appended. `lost`: another
 * entry took its place, so it never takes effect. `unknown`: the wait ended first; it may or may not take effect.
 */
export type ProposeOutcome<Result> =
  | ({ readonly type: "committed"; readonly result: Result } & LogPosition)
  | { readonly type: "notLeader"; readonly leader: ReplicaId | undefined }
  | { readonly type: "overloaded" }
  | { readonly type: "lost" }
  | { readonly type: "unknown" };

/**
 * Whether the state machine may be read. `verified`: its state is linearizable, because it has applied `readIndex` and
 * this replica led at the time of the call. `timeout`: the wait ended first.
 */
export type Authority =
  | { readonly type: "verified"; readonly readIndex: number }
  | { readonly type: "notLeader"; readonly leader: ReplicaId | undefined }
  | { readonly type: "timeout" };

/** The wait for an outcome ends with the signal if there is one. */
export interface WaitOptions {
  /** Ends the wait. Default: it ends with the replica. */
  readonly signal?: AbortSignal;
}
