import { invariant } from "./invariant.ts";
import { packOutcome } from "./outcome.ts";

/** A named value of the registry. */
export interface RegistryEntry {
  /** 1 to 128 bytes of text. */
  readonly name: string;
  /** At most 4 KiB. Read-only. */
  readonly value: Uint8Array;
  /** The index of the log entry that wrote the value. */
  readonly revision: number;
}

/** A record of a change to the registry. Only the newest are kept. */
export interface RegistryEvent {
  /** The index of the log entry that made the change. */
  readonly index: number;
  /** Cluster time of the change, in ms. */
  readonly timeMs: number;
  /** At most 1 KiB, never empty. Read-only. */
  readonly content: Uint8Array;
}

/** A change to one name of the registry. */
export interface Registration {
  /** 1 to 128 bytes of text. */
  readonly name: string;
  /** At most 4 KiB. Undefined removes the name. */
  readonly value: Uint8Array | undefined;
  /** The change is made only if this is the revision of the present value, 0 if there is none. Undefined for any. */
  readonly expected: number | undefined;
  /** Recorded as an event if the change is made. At most 1 KiB; empty for none. */
  readonly event: Uint8Array;
}

/** Limits of a registration, in bytes. */
export const registryLimits: {
  readonly nameBytes: number;
  readonly valueBytes: number;
  readonly eventBytes: number;
} = { nameBytes: 128, valueBytes: 4 << 10, eventBytes: 1 << 10 };

/** Limits of the registry. They must be the same on all replicas. */
export interface RegistryLimits {
  readonly maxRegistryNames: number;
  readonly maxRegistryEvents: number;
}

/** The whole content of a registry, in the order of a snapshot. */
export interface RegistryContents {
  /** Sorted by name. */
  readonly entries: readonly RegistryEntry[];
  /** Oldest first. */
  readonly events: readonly RegistryEvent[];
}

/**
 * Small named values beside the keys, for the cluster's own settings and secrets' hashes. No client's key reaches them.
 */
export class Registry {
  readonly #limits: RegistryLimits;
  readonly #byName: Map<string, RegistryEntry>;
  readonly #events: RegistryEvent[];

  constructor(limits: RegistryLimits, { entries, events }: RegistryContents = { entries: [], events: [] }) {
    this.#limits = limits;
    this.#byName = new Map(entries.map((entry) => [entry.name, entry]));
    this.#events = [...events];
    invariant(this.#byName.size === entries.length, "a registry has each name once");
  }

  /** The number of names. */
  get size(): number {
    return this.#byName.size;
  }

  /** Returns the value of a name, or undefined if there is none. */
  get(name: string): RegistryEntry | undefined {
    return this.#byName.get(name);
  }

  /** Returns the names that begin with a prefix, sorted, with their values. */
  entries(prefix = ""): RegistryEntry[] {
    const found = [...this.#byName.values()].filter(({ name }) => name.startsWith(prefix));
    return found.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Returns the newest events, oldest first. */
  events(): RegistryEvent[] {
    return [...this.#events];
  }

  /**
   * Makes a change if it is allowed.
   *
   * @returns the result as a session remembers it; see `packOutcome`
   */
  register(change: Registration, at: { readonly index: number; readonly timeMs: number }): number {
    const { name, value, expected, event } = change;
    const present = this.#byName.get(name);
    const revision = present?.revision ?? 0;
    invariant(revision < at.index, "a present value was written by an earlier entry of the log");
    if (expected !== undefined && expected !== revision) return packOutcome("conflict", revision);
    if (value === undefined) {
      this.#byName.delete(name);
    } else {
      if (present === undefined && this.#byName.size >= this.#limits.maxRegistryNames) {
        return packOutcome("registryFull");
      }
      this.#byName.set(name, { name, value: copyOf(value), revision: at.index });
    }
    if (event.length > 0) this.#record({ ...at, content: copyOf(event) });
    invariant(
      this.#byName.size <= this.#limits.maxRegistryNames,
      "a registry has at most `maxRegistryNames` names",
    );
    return packOutcome("written", at.index);
  }

  /** Captures the current content. Entries and events never change, so this costs one reference each. */
  capture(): RegistryContents {
    return { entries: this.entries(), events: this.events() };
  }

  #record(event: RegistryEvent): void {
    const last = this.#events.at(-1);
    invariant(
      last === undefined || (last.index < event.index && last.timeMs <= event.timeMs),
      "events are recorded in the order of the log",
    );
    this.#events.push(event);
    if (this.#events.length > this.#limits.maxRegistryEvents) this.#events.shift();
    invariant(this.#events.length <= this.#limits.maxRegistryEvents, "only the newest events are kept");
  }
}

/** The caller may reuse its bytes. `Buffer.slice` would return a view. */
function copyOf(bytes: Uint8Array): Uint8Array {
  return Uint8Array.prototype.slice.call(bytes);
}
