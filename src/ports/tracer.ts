import type { Input, PersistedState, Proposed, RaftConfig, RaftView, Ready } from "../raft/index.ts";

/** An input of a core, or a proposal with its result. */
export type TracedInput =
  | Input
  | { readonly type: "propose"; readonly data: Uint8Array; readonly proposed: Proposed };

/** The state that a core starts from. */
export interface ReplicaStart {
  /** All but the function that draws random numbers. */
  readonly config: Omit<RaftConfig, "random">;
  /** The seed of `config.random`: `seededRandom(seed)`. */
  readonly seed: number;
  /** The state that the persister loaded. */
  readonly restored: PersistedState;
  /** Current time of the replica's clock, in ms. */
  readonly nowMs: number;
}

/**
 * Observes all steps of one replica in order: for simulators, checkers, records and logs. An error that a tracer throws
 * stops the replica, as a bug in the replica would.
 *
 * A `view` shows the current state, and changes later: read it during the call.
 *
 * @example
 * ```ts
 * import type { Tracer } from "ruaft";
 *
 * // Counts the writes that a replica asks its storage for.
 * class WriteCount implements Tracer {
 *   writes = 0;
 *
 *   started(): void {}
 *   stepped(): void {}
 *   took({ persist }: Parameters<Tracer["took"]>[0]): void {
 *     if (persist !== undefined) this.writes++;
 *   }
 * }
 *
 * const tracer = new WriteCount();
 * // await Raft.start({ …, tracer });
 * console.log(tracer.writes); // 0
 * ```
 */
export interface Tracer {
  /** The replica has loaded its durable state and starts. */
  started(start: ReplicaStart, view: RaftView): void;
  /** The core was given an input, at `nowMs` of the replica's clock. */
  stepped(input: TracedInput, view: RaftView, nowMs: number): void;
  /** `ready` was taken from the core, and is carried out next. */
  took(ready: Ready, view: RaftView): void;
}
