import type { Input, PersistedState, Proposed, RaftConfig, RaftView, Ready } from "../raft/index.ts";

/** What a core was given: an input, or a proposal with its answer. */
export type TracedInput =
  | Input
  | { readonly type: "propose"; readonly data: Uint8Array; readonly proposed: Proposed };

/** What a core begins with. */
export interface ReplicaStart {
  readonly config: Omit<RaftConfig, "random">;
  /** What `config.random` draws from: `seededRandom(seed)`. */
  readonly seed: number;
  readonly restored: PersistedState;
  /** The present, in ms of the replica's clock. */
  readonly nowMs: number;
}

/**
 * Hears all that one replica does, in the order in which it does it: for simulators, checkers and logs. A tracer
 * that throws stops the replica, as a bug of its own would.
 *
 * Each `view` shows the present; read of it what is needed at once.
 */
export interface Tracer {
  /** The replica read its durable state back, and begins. */
  started(start: ReplicaStart, view: RaftView): void;
  /** The core took something in, at `nowMs` of the replica's clock. */
  stepped(input: TracedInput, view: RaftView, nowMs: number): void;
  /** All there was to do was taken, and is done next. */
  took(ready: Ready, view: RaftView): void;
}
