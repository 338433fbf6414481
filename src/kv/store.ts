import { type Command, decodeCommand, type WriteCommand } from "./command.ts";
import { invariant } from "./invariant.ts";
import type { KvResult } from "./messages.ts";
import type { StoredValue } from "./page.ts";
import { Sessions } from "./sessions.ts";
import { encodeSnapshot } from "./snapshot.ts";
import { SnapshotDecoder } from "./snapshot-decoder.ts";
import { ValueMap } from "./value-map.ts";

/** Limits that affect the results of commands. They must be the same on all replicas of a cluster. */
export interface KvStoreLimits {
  /** Maximum length of a value in bytes. Default: 1 MiB. */
  readonly maxValueBytes: number;
  /**
   * Maximum number of sessions. Beyond it, the least recently used session ends if it is not in use. Default: 10,000.
   */
  readonly maxSessions: number;
  /** Number of sequences by which a session's writes may be ahead of its lowest pending one. Default: 4096. */
  readonly maxPendingPerSession: number;
  /**
   * Cluster time in ms within which a session counts as in use. Such a session does not end for another one,
   * because its writer could not learn the results of its writes. Default: one minute.
   */
  readonly sessionInUseMs: number;
  /** Cluster time in ms after which an idle session ends. Default: one hour. */
  readonly sessionTtlMs: number;
}

const defaultLimits: KvStoreLimits = {
  maxValueBytes: 1024 * 1024,
  maxSessions: 10_000,
  maxPendingPerSession: 4096,
  sessionInUseMs: 60 * 1000,
  sessionTtlMs: 60 * 60 * 1000,
};

/** The remembered result of a write that was refused for its size. Revisions start at 1. */
const TOO_LARGE = 0;

/** Takes a snapshot chunk by chunk; each call does the work of one chunk. */
export interface KvRestore {
  /**
   * Takes the next chunk of `snapshot`, cut at any offsets. The chunk may be reused afterwards.
   *
   * @throws Error if the bytes so far can't be the start of a snapshot; the state is unchanged
   */
  push(chunk: Uint8Array): void;
  /**
   * Replaces the state.
   *
   * @throws Error if the snapshot is not whole; the state is unchanged
   */
  finish(): void;
}

/** The replicated key-value store: a deterministic state machine whose only inputs are the commands of the log. */
export class KvStore {
  readonly #limits: KvStoreLimits;
  #values = new ValueMap();
  #sessions: Sessions;
  /** The index of the last command; 0 before the first one, and after a restore. */
  #lastIndex = 0;

  /** @throws RangeError if a limit is not a positive integer */
  constructor(limits: Partial<KvStoreLimits> = {}) {
    this.#limits = { ...defaultLimits, ...limits };
    for (const [name, limit] of Object.entries(this.#limits)) {
      if (!Number.isSafeInteger(limit) || limit < 1) {
        throw new RangeError(`${name}: must be a positive integer, not ${limit}`);
      }
    }
    this.#sessions = new Sessions(this.#limits);
  }

  /** The number of keys. */
  get size(): number {
    return this.#values.size;
  }

  /**
   * Cluster time of the last command, in ms. It never decreases, and one stamp advances it by at most
   * `MAX_CLOCK_STEP_MS`.
   */
  get clockMs(): number {
    return this.#sessions.clockMs;
  }

  /** Whether there is anything that expires. */
  get hasLifetimes(): boolean {
    return this.#sessions.size > 0;
  }

  /** Returns the value of a key, or `undefined` if the key was never written. */
  get(key: Uint8Array): StoredValue | undefined {
    return this.#values.get(key);
  }

  /** Returns the length of the key's value in bytes, 0 if the key is absent. */
  valueBytes(key: Uint8Array): number {
    return this.#values.valueBytes(key);
  }

  /**
   * Applies one committed command.
   *
   * @param bytes as encoded by `encodeCommand`; the store keeps no reference to them
   * @param position the position of the command in the log; indices increase from call to call
   * @returns the result; `malformed` if `bytes` is no command, which every replica skips alike
   */
  apply(bytes: Uint8Array, position: { readonly index: number }): KvResult {
    invariant(position.index > this.#lastIndex, "§5.3 each command is applied once, in the order of the log");
    this.#lastIndex = position.index;
    let command: Command;
    try {
      command = decodeCommand(bytes);
    } catch (error) {
      return { type: "malformed", reason: error instanceof Error ? error.message : String(error) };
    }
    this.#sessions.advance(command.timeMs);
    switch (command.type) {
      case "openSession":
        return this.#sessions.open(position.index)
          ? { type: "session", session: position.index }
          : { type: "tooManySessions" };
      case "commitSentinel":
      case "audit":
        return { type: "written", revision: position.index };
      case "put":
      case "append":
        return this.#applyOnce(command, position.index);
    }
  }

  /** Returns the current state in chunks of about 64 KiB, each made on demand. */
  snapshot(): Iterable<Uint8Array> {
    return encodeSnapshot({ values: this.#values.clone(), ...this.#sessions.capture() });
  }

  /**
   * Begins to replace the state by that of a snapshot. The state changes at the end, all at once; commands that are applied
   * before are replaced as well.
   */
  restore(): KvRestore {
    const decoder = new SnapshotDecoder();
    return {
      push: (chunk) => decoder.push(chunk),
      finish: () => {
        const { values, ...sessions } = decoder.finish();
        this.#values = values;
        this.#sessions = new Sessions(this.#limits, sessions);
        this.#lastIndex = 0;
      },
    };
  }

  #applyOnce(command: WriteCommand, index: number): KvResult {
    const result = this.#sessions.once(command, () => this.#write(command, index));
    if (typeof result !== "number") {
      return result;
    }
    return result === TOO_LARGE
      ? { type: "tooLarge", limitBytes: this.#limits.maxValueBytes }
      : { type: "written", revision: result };
  }

  #write({ type, key, value }: WriteCommand, revision: number): number {
    invariant(revision > TOO_LARGE, "a revision differs from the result of a refused write");
    const { maxValueBytes } = this.#limits;
    if (type === "append") {
      return this.#values.append(key, { value, revision }, maxValueBytes) ? revision : TOO_LARGE;
    }
    if (value.length > maxValueBytes) return TOO_LARGE;
    this.#values.set(key, { value, revision });
    return revision;
  }
}
