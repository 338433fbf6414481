import { type Command, decodeCommand, type WriteCommand } from "./command.ts";
import type { KvResult } from "./messages.ts";
import type { StoredValue } from "./page.ts";
import { type SessionLimits, Sessions } from "./sessions.ts";
import { encodeSnapshot } from "./snapshot.ts";
import { SnapshotDecoder } from "./snapshot-decoder.ts";
import { ValueMap } from "./value-map.ts";

/** Limits that decide what commands do: they must be the same on all replicas of a cluster. */
export interface KvStoreLimits extends SessionLimits {
  /** No value grows beyond this. Default 1 MiB. */
  readonly maxValueBytes: number;
  /** With so many sessions the least recently used one ends to make room for another. Default 10,000. */
  readonly maxSessions: number;
  /** How far a session's writes may run ahead of the lowest one still pending. Default 4096. */
  readonly maxPendingPerSession: number;
  /**
   * A session that was used within this time of the cluster, in ms, does not end to make room: its writer is active, and
   * could not tell what became of its writes. Default one minute.
   */
  readonly sessionInUseMs: number;
  /** A session idle for longer, by the stamps of the log, ends. Default one hour. */
  readonly sessionTtlMs: number;
}

const defaultLimits: KvStoreLimits = {
  maxValueBytes: 1024 * 1024,
  maxSessions: 10_000,
  maxPendingPerSession: 4096,
  sessionInUseMs: 60 * 1000,
  sessionTtlMs: 60 * 60 * 1000,
};

/** Remembered as the result of a write that was refused for its size; revisions start at 1. */
const TOO_LARGE = 0;

/** The replicated key-value store: a deterministic state machine, driven by nothing but the commands of the log. */
export class KvStore {
  readonly #limits: KvStoreLimits;
  #values = new ValueMap();
  #sessions: Sessions;

  /** @throws RangeError when a limit is no positive integer */
  constructor(limits: Partial<KvStoreLimits> = {}) {
    this.#limits = { ...defaultLimits, ...limits };
    for (const [name, limit] of Object.entries(this.#limits)) {
      if (!Number.isSafeInteger(limit) || limit < 1) {
        throw new RangeError(`${name} is a positive integer, not ${limit}`);
      }
    }
    this.#sessions = new Sessions(this.#limits);
  }

  /** The number of keys. */
  get size(): number {
    return this.#values.size;
  }

  /** Cluster time as of the last command, in ms: no stamp moves it back, or on by more than `MAX_CLOCK_STEP_MS`. */
  get clockMs(): number {
    return this.#sessions.clockMs;
  }

  /** Whether anything here ends when enough time has passed. */
  get hasLifetimes(): boolean {
    return this.#sessions.size > 0;
  }

  /** What was last written under a key; `undefined` if nothing ever was. */
  get(key: Uint8Array): StoredValue | undefined {
    return this.#values.get(key);
  }

  /** Length of a key's value in bytes; 0 if the key has none. */
  valueBytes(key: Uint8Array): number {
    return this.#values.valueBytes(key);
  }

  /**
   * Applies one committed command.
   *
   * @param bytes as `encodeCommand` made them; nothing of the store refers to them afterwards
   * @param position where the command stands in the log; indices rise from call to call
   * @returns `malformed` for bytes that are no command: all replicas pass over them alike, and none stops at them
   */
  apply(bytes: Uint8Array, position: { readonly index: number }): KvResult {
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

  /** The state as it is now, in chunks of about 64 KiB that are made as they are asked for. */
  snapshot(): Iterable<Uint8Array> {
    return encodeSnapshot({ values: this.#values.clone(), ...this.#sessions.capture() });
  }

  /**
   * Replaces the state by that of a snapshot; commands that are applied meanwhile are replaced with it.
   *
   * @param chunks what `snapshot` yielded, cut anywhere
   * @throws Error when they are no whole snapshot; the state is as before
   */
  async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const decoder = new SnapshotDecoder();
    for await (const chunk of chunks) {
      decoder.push(chunk);
    }
    const { values, ...sessions } = decoder.finish();
    this.#values = values;
    this.#sessions = new Sessions(this.#limits, sessions);
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
    const { maxValueBytes } = this.#limits;
    if (type === "append") {
      return this.#values.append(key, { value, revision }, maxValueBytes) ? revision : TOO_LARGE;
    }
    if (value.length > maxValueBytes) return TOO_LARGE;
    this.#values.set(key, { value, revision });
    return revision;
  }
}
