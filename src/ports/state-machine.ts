import type { LogPosition } from "../raft/index.ts";

/** What the log's commands act on: deterministic, the same on every replica. */
export interface StateMachine<Result> {
  /** Applies one committed command. Synchronous and short: nothing else of the replica runs meanwhile. */
  apply(command: Uint8Array, position: LogPosition): Result;
  /**
   * The state as it is now, in chunks of any size that are made as they are asked for. Taking it is short,
   * as applying is: commands applied while it is read out don't show in it.
   */
  snapshot(): Iterable<Uint8Array>;
  /** Replaces the state by that of a snapshot; a failed one leaves the state as it was. */
  restore(chunks: AsyncIterable<Uint8Array>): Promise<void>;
}
