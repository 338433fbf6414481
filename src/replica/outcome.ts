import type { LogPosition, ReplicaId } from "../raft/index.ts";

/**
 * What became of a proposal.
 *
 * `committed`: it took effect, once, at this position. `notLeader`, `overloaded`: it was never begun.
 * `lost`: another entry took its place; it never takes effect. `unknown`: the wait ended first; it may take
 * effect yet, or never.
 */
export type ProposeOutcome<Result> =
  | ({ readonly type: "committed"; readonly result: Result } & LogPosition)
  | { readonly type: "notLeader"; readonly leader: ReplicaId | undefined }
  | { readonly type: "overloaded" }
  | { readonly type: "lost" }
  | { readonly type: "unknown" };

/**
 * Whether the state machine may be read. `verified`: what it shows now is linearizable: it has applied
 * `readIndex`, and this replica led when it was asked. `timeout`: the wait ended first.
 */
export type Authority =
  | { readonly type: "verified"; readonly readIndex: number }
  | { readonly type: "notLeader"; readonly leader: ReplicaId | undefined }
  | { readonly type: "timeout" };

/** The wait for an outcome ends with the signal if there is one. */
export interface WaitOptions {
  readonly signal?: AbortSignal;
}
