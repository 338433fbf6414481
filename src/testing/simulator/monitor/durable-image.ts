import type { DurabilityWatch, FileContent, Platter } from "../disk/index.ts";
import {
  recordAt,
  type StoredEntry,
  type StoredHardState,
  type StoredRecord,
  type StoredSnapshot,
  segmentIn,
  snapshotIn,
} from "./stored-records.ts";

/** Called with what has become durable on one machine. */
export interface ImageWatch {
  /** An entry. `prevTerm` is the term of the previous one. */
  entryStored(index: number, entry: StoredEntry, prevTerm: number): void;
  hardStateStored(hardState: StoredHardState): void;
  /** A newer snapshot. */
  snapshotStored(snapshot: StoredSnapshot): void;
}

const noSnapshot: StoredSnapshot = { index: 0, term: 0, configurationIndex: 0 };

const blank: StoredHardState = { term: 0, votedFor: "", countedPeers: [] };

interface Parsed {
  readonly records: StoredRecord[];
  end: number;
}

/** What a machine would have after a power failure now, read only from its platter. */
export class DurableImage implements DurabilityWatch {
  hardState: StoredHardState = blank;
  snapshot: StoredSnapshot = noSnapshot;
  /** The log after `prevIndex`. */
  prevIndex = 0;
  prevTerm = 0;
  entries: StoredEntry[] = [];
  readonly #platter: () => Platter;
  readonly #watch: ImageWatch;
  readonly #parsed = new WeakMap<FileContent, Parsed>();
  #current: FileContent | undefined;

  constructor(platter: () => Platter, watch: ImageWatch) {
    this.#platter = platter;
    this.#watch = watch;
  }

  get lastIndex(): number {
    return this.prevIndex + this.entries.length;
  }

  termAt(index: number): number | undefined {
    if (index === this.prevIndex) return this.prevTerm;
    return this.entries[index - this.prevIndex - 1]?.term;
  }

  /** Returns whether the entry, or a snapshot that covers it, is durable. */
  holds(index: number, term: number): boolean {
    return index <= this.snapshot.index || this.termAt(index) === term;
  }

  synced(_path: string, content: FileContent): void {
    const parsed = this.#parsed.get(content);
    if (content !== this.#current || parsed === undefined) return;
    const known = parsed.records.length;
    this.#parse(content);
    for (const record of parsed.records.slice(known)) this.#apply(record);
  }

  namesSynced(): void {
    const { durableNames } = this.#platter();
    const names = [...durableNames.keys()].sort();
    const snapshots = names.filter((name) => name.endsWith(".snapshot"));
    const newest = snapshots.at(-1);
    const content = newest === undefined ? undefined : durableNames.get(newest);
    const before = this.snapshot;
    this.snapshot = (content && snapshotIn(content.durable)) ?? noSnapshot;
    if (this.snapshot.index > before.index) this.#watch.snapshotStored(this.snapshot);
    this.#restart();
    for (const name of names) {
      const segment = name.endsWith(".log") ? durableNames.get(name) : undefined;
      if (segment === undefined) continue;
      for (const record of this.#parse(segment).records) this.#apply(record);
      this.#current = segment;
    }
  }

  #restart(): void {
    this.hardState = blank;
    this.prevIndex = 0;
    this.prevTerm = 0;
    this.entries = [];
    this.#current = undefined;
  }

  #parse(content: FileContent): Parsed {
    const segment = segmentIn(content.durable);
    const parsed = this.#parsed.get(content) ?? { records: [], end: segment?.start ?? 0 };
    if (segment === undefined) return parsed;
    this.#parsed.set(content, parsed);
    for (;;) {
      const record = recordAt(content.durable, parsed.end, segment.seed);
      if (record === undefined) return parsed;
      const last = parsed.records.at(-1);
      if (last !== undefined && record.sequence !== last.sequence + 1) return parsed;
      parsed.records.push(record);
      parsed.end = record.end;
    }
  }

  #apply({ index, term, hardState, entries }: StoredRecord): void {
    if (hardState !== undefined) {
      this.hardState = hardState;
      this.#watch.hardStateStored(hardState);
    }
    if (this.termAt(index) === term) this.entries.length = index - this.prevIndex;
    else {
      // The log started elsewhere: it continues here, and a snapshot covers everything before.
      this.prevIndex = index;
      this.prevTerm = term;
      this.entries = [];
    }
    for (const [at, entry] of entries.entries()) {
      const prevTerm = at === 0 ? term : (entries[at - 1]?.term ?? 0);
      this.#watch.entryStored(index + 1 + at, entry, prevTerm);
      this.entries.push(entry);
    }
  }
}
