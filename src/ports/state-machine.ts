import type { LogPosition } from "../raft/index.ts";

/** The replicated state. It must be deterministic: the same commands give the same state on every replica. */
export interface StateMachine<Result> {
  /** Applies one committed command. Must be short, because it blocks the replica. */
  apply(command: Uint8Array, position: LogPosition): Result;
  /**
   * Returns the current state in chunks of any size, which may be created lazily. The call must be short. Commands that
   * are applied while the chunks are read must not change them.
   */
  snapshot(): Iterable<Uint8Array>;
  /** Replaces the state by a snapshot. If it rejects, the state must be unchanged. */
  restore(chunks: AsyncIterable<Uint8Array>): Promise<void>;
}
