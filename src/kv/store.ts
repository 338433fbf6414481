import {
  type Command,
  decodeCommand,
  type OpenSessionCommand,
  type RegisterCommand,
  type WriteCommand,
} from "./command.ts";
import { invariant } from "./invariant.ts";
import type { KvResult } from "./messages.ts";
import { packOutcome, unpackOutcome } from "./outcome.ts";
import type { StoredValue } from "./page.ts";
import { Registry } from "./registry.ts";
import { ReusedParts } from "./reused-parts.ts";
import { Sessions } from "./sessions.ts";
import { encodeSnapshot } from "./snapshot.ts";
import { SnapshotDecoder } from "./snapshot-decoder.ts";
import { ValueMap } from "./value-map.ts";

/** Limits that affect the results of commands. They must be the same on all replicas of a cluster. */
export interface KvStoreLimits {
  /** Maximum length of a value in bytes. Default: 1 MiB. */
  readonly maxValueBytes: number;
  /** Maximum number of sessions of all owners. Beyond it, no owner gets more than it has. Default: 10,000. */
  readonly maxSessions: number;
  /**
   * Maximum number of sessions of one owner: of a replica, for the clients that ask it. Beyond it, the owner's least recently
   * used session ends if it is not in use. Default: 1,000.
   */
  readonly maxSessionsPerOwner: number;
  /** Number of sequences by which a session's writes may be ahead of its lowest pending one. Default: 4096. */
  readonly maxPendingPerSession: number;
  /**
   * Cluster time in ms within which a session counts as in use. Such a session does not end for another one,
   * because its writer could not learn the results of its writes. Default: one minute.
   */
  readonly sessionInUseMs: number;
  /** Cluster time in ms after which an idle session ends. Default: one hour. */
  readonly sessionTtlMs: number;
  /** Maximum number of names in the registry. Default: 4,096. */
  readonly maxRegistryNames: number;
  /** Number of the registry's newest events to keep. Default: 1,000. */
  readonly maxRegistryEvents: number;
}

const defaultLimits: KvStoreLimits = {
  maxValueBytes: 1024 * 1024,
  maxSessions: 10_000,
  maxSessionsPerOwner: 1000,
  maxPendingPerSession: 4096,
  sessionInUseMs: 60 * 1000,
  sessionTtlMs: 60 * 60 * 1000,
  maxRegistryNames: 4096,
  maxRegistryEvents: 1000,
};

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
  #registry: Registry;
  /** A key and a value are copied into the state, so the next command may reuse their arrays. */
  readonly #parts = new ReusedParts();
  readonly #writeNow = (command: WriteCommand | RegisterCommand): number =>
    this.#write(command, this.#lastIndex);
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
    this.#registry = new Registry(this.#limits);
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

  /** Whether there is anything that expires: sessions, or registry entries, whose users give them lifetimes. */
  get hasLifetimes(): boolean {
    return this.#sessions.size > 0 || this.#registry.size > 0;
  }

  /** The named values beside the keys, for reading only. A restore replaces the object. */
  get registry(): Pick<Registry, "size" | "get" | "entries" | "events"> {
    return this.#registry;
  }

  /** Returns the owner of a session, or undefined if there is no such session. */
  ownerOf(session: number): string | undefined {
    return this.#sessions.ownerOf(session);
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
      command = decodeCommand(bytes, this.#parts);
    } catch (error) {
      return { type: "malformed", reason: error instanceof Error ? error.message : String(error) };
    }
    this.#sessions.advance(command.timeMs);
    switch (command.type) {
      case "openSession":
        return this.#open(command);
      case "commitSentinel":
      case "audit":
        return { type: "written", revision: position.index };
      case "put":
      case "append":
      case "register":
        return this.#applyOnce(command);
    }
  }

  /** Returns the current state in chunks of about 64 KiB, each made on demand. */
  snapshot(): Iterable<Uint8Array> {
    const registry = this.#registry.capture();
    return encodeSnapshot({ values: this.#values.clone(), ...this.#sessions.capture(), registry });
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
        const { values, registry, ...sessions } = decoder.finish();
        this.#values = values;
        this.#registry = new Registry(this.#limits, registry);
        this.#sessions = new Sessions(this.#limits, sessions);
        this.#lastIndex = 0;
      },
    };
  }

  #open({ session, owner }: OpenSessionCommand): KvResult {
    switch (this.#sessions.open(session, owner)) {
      case "opened":
        return { type: "session", session };
      case "taken":
        return { type: "overloaded" };
      case "tooManySessions":
        return { type: "tooManySessions" };
    }
  }

  #applyOnce(command: WriteCommand | RegisterCommand): KvResult {
    const result = this.#sessions.once(command, this.#writeNow);
    if (typeof result !== "number") return result;
    const { type, revision } = unpackOutcome(result);
    switch (type) {
      case "written":
      case "conflict":
        return { type, revision };
      case "tooLarge":
        return { type, limitBytes: this.#limits.maxValueBytes };
      case "registryFull":
        return { type };
    }
  }

  #write(command: WriteCommand | RegisterCommand, revision: number): number {
    invariant(revision >= 1, "revision 0 means that the key does not exist");
    if (command.type === "register") {
      return this.#registry.register(command, { index: revision, timeMs: this.clockMs });
    }
    const { type, key, value } = command;
    const { maxValueBytes } = this.#limits;
    if (type === "append") {
      const appended = this.#values.append(key, { value, revision }, maxValueBytes);
      return appended ? packOutcome("written", revision) : packOutcome("tooLarge");
    }
    if (value.length > maxValueBytes) return packOutcome("tooLarge");
    this.#values.set(key, { value, revision });
    return packOutcome("written", revision);
  }
}
