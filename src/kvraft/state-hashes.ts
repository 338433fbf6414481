import type { Clock } from "../ports/index.ts";
import { invariant } from "../raft/index.ts";
import { StateHash } from "./state-hash.ts";

/** Number of bytes to hash before other work may run: less than 1 ms on most machines. */
const SLICE_BYTES = 128 << 10;

/** Number of the newest hashes to keep. */
const REMEMBERED = 8;

export interface StateHashesOptions {
  readonly clock: Clock;
  /** Called with the hash of the state at `index`. */
  readonly found: (index: number, hash: string) => void;
  /** Called with a bug, which must stop the replica. */
  readonly fail: (bug: unknown) => void;
}

/** The hashes of a state at the indices of audits. At most one state is being hashed at a time. */
export class StateHashes {
  readonly #options: StateHashesOptions;
  /** By index, in rising order. */
  readonly #hashes = new Map<number, string>();
  #hashing: number | undefined;
  #stopped = false;

  constructor(options: StateHashesOptions) {
    this.#options = options;
  }

  /** The index whose state is being hashed; undefined if none is. */
  get hashing(): number | undefined {
    return this.#hashing;
  }

  /** Returns the hash at an index, or undefined if it is not known (yet). */
  at(index: number): string | undefined {
    return this.#hashes.get(index);
  }

  /**
   * Starts to hash a state, piece by piece. Does nothing if another state is being hashed.
   *
   * @param chunks called at once if the state will be hashed
   */
  take(index: number, chunks: () => Iterable<Uint8Array>): void {
    if (this.#hashing !== undefined || this.#stopped) return;
    this.#hashing = index;
    this.#hash(index, chunks()).catch(this.#options.fail);
  }

  /** Stops hashing. */
  stop(): void {
    this.#stopped = true;
  }

  async #hash(index: number, chunks: Iterable<Uint8Array>): Promise<void> {
    const { clock, found } = this.#options;
    const hash = new StateHash();
    // Lets the replica continue applying first.
    await new Promise<void>((resolve) => clock.defer(resolve));
    let sliceBytes = 0;
    for (const chunk of chunks) {
      if (this.#stopped) return;
      hash.update(chunk);
      sliceBytes += chunk.length;
      if (sliceBytes < SLICE_BYTES) continue;
      sliceBytes = 0;
      await new Promise<void>((resolve) => clock.defer(resolve));
    }
    invariant(this.#hashing === index, "docs/decisions/0015: one state is hashed at a time");
    invariant(!this.#hashes.has(index), "docs/decisions/0015: the state at an index is hashed once");
    this.#hashing = undefined;
    const digest = hash.digest();
    this.#hashes.set(index, digest);
    for (const oldest of this.#hashes.keys()) {
      if (this.#hashes.size <= REMEMBERED) break;
      this.#hashes.delete(oldest);
    }
    found(index, digest);
  }
}
