import type { LogPosition } from "../raft/index.ts";

/**
 * The replicated state. It must be deterministic: the same commands give the same state on every replica.
 *
 * @example
 * ```ts
 * import type { StateMachine } from "ruaft";
 *
 * // A register. Each command is its next value; the result is the one before.
 * class Register implements StateMachine<string> {
 *   #value = "";
 *
 *   apply(command: Uint8Array): string {
 *     const before = this.#value;
 *     this.#value = new TextDecoder().decode(command);
 *     return before;
 *   }
 *
 *   snapshot(): Iterable<Uint8Array> {
 *     // Strings don't change, so this is the state of now, however late it is read.
 *     return [new TextEncoder().encode(this.#value)];
 *   }
 *
 *   async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
 *     const decoder = new TextDecoder();
 *     let value = "";
 *     for await (const chunk of chunks) value += decoder.decode(chunk, { stream: true });
 *     this.#value = value;
 *   }
 * }
 *
 * const register = new Register();
 * register.apply(new TextEncoder().encode("a"));
 * console.log(register.apply(new TextEncoder().encode("b"))); // a
 * ```
 */
export interface StateMachine<Result> {
  /** Applies one committed command. Must be short, because it blocks the replica. */
  apply(command: Uint8Array, position: LogPosition): Result;
  /**
   * Returns the current state in chunks of any size, which may be created lazily. The call must be short. Commands that
   * are applied while the chunks are read must not change them.
   */
  snapshot(): Iterable<Uint8Array>;
  /**
   * Replaces the state by a snapshot. If it rejects, the state must be unchanged.
   *
   * @param chunks of the snapshot, cut at any offsets
   * @param last the last entry that the snapshot covers
   */
  restore(chunks: AsyncIterable<Uint8Array>, last: LogPosition): Promise<void>;
}
