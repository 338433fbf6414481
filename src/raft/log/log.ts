import { InvariantViolation, invariant } from "../invariant-violation.ts";
import { MAX_TERM } from "../terms.ts";
import type { LogEntry, LogPosition, PersistedState, SnapshotMeta, StoredConfiguration } from "../types.ts";
import { Configurations } from "./configurations.ts";
import { EntryList } from "./entry-list.ts";

/**
 * The log in memory (§5.3, §7): every entry after `prev`, and what the newest snapshot covers.
 *
 * Invariant: `prev.index <= snapshotIndex <= lastIndex`; entries are contiguous and their terms never fall.
 */
export class RaftLog {
  #prev: LogPosition;
  #snapshot: SnapshotMeta | undefined;
  #entries: EntryList;
  readonly #configurations = new Configurations();

  /**
   * Reconciles a durable log with its snapshot: what the snapshot contradicts is dropped (§7).
   *
   * @throws InvariantViolation if the stored entries are not a log: an index is skipped or repeated, or a term falls
   */
  constructor(restored: PersistedState) {
    checkEntries(restored);
    this.#prev = { index: restored.prevLogIndex, term: restored.prevLogTerm };
    this.#entries = new EntryList(restored.prevLogIndex + 1, restored.entries);
    this.#snapshot = undefined;
    for (const entry of restored.entries) this.#configurations.appended(entry);
    invariant(
      this.#prev.index <= (restored.snapshot?.lastIncludedIndex ?? 0),
      "§7 a log that starts after index 1 has a snapshot of all before it",
    );
    if (restored.snapshot !== undefined) this.installSnapshot(restored.snapshot);
    this.check();
  }

  /** The index of the first entry, or one past the last index if there is no entry. */
  get firstIndex(): number {
    return this.#prev.index + 1;
  }

  get lastIndex(): number {
    return this.#entries.lastIndex;
  }

  get lastTerm(): number {
    return this.#entries.termAt(this.lastIndex) ?? this.#prev.term;
  }

  get snapshot(): SnapshotMeta | undefined {
    return this.#snapshot;
  }

  get snapshotIndex(): number {
    return this.#snapshot?.lastIncludedIndex ?? 0;
  }

  /** The newest configuration in the log, committed or not (§6). Undefined if there is none. */
  get configuration(): StoredConfiguration | undefined {
    return this.#configurations.newest;
  }

  /** Returns what a snapshot of the state after the entry at `index` covers; undefined if that was compacted away. */
  snapshotMetaAt(index: number): SnapshotMeta | undefined {
    const term = this.termAt(index);
    if (term === undefined) return undefined;
    const configuration = this.#configurations.at(index);
    return { lastIncludedIndex: index, lastIncludedTerm: term, ...(configuration && { configuration }) };
  }

  /** The term of the entry at `index`. Undefined if it was compacted away or does not exist. */
  termAt(index: number): number | undefined {
    return index === this.#prev.index ? this.#prev.term : this.#entries.termAt(index);
  }

  /**
   * Returns the highest position at or below `other` that may agree with a log that holds `other`. An entry with a
   * higher term than `other` can't be in that log (§5.3, the search for the last common entry).
   */
  lastPossibleAgreement(other: LogPosition): LogPosition {
    let index = Math.min(other.index, this.lastIndex);
    // The terms of entries below the log's start are unknown, so any position there may agree.
    while ((this.termAt(index) ?? 0) > other.term) index--;
    return { index, term: this.termAt(index) ?? 0 };
  }

  /** §5.4.1: returns whether a log that ends at `other` is at least as up to date as this one. */
  isUpToDate(other: LogPosition): boolean {
    return other.term > this.lastTerm || (other.term === this.lastTerm && other.index >= this.lastIndex);
  }

  /** Returns the entries from `from` to `to`, both included. */
  slice(from: number, to: number): LogEntry[] {
    invariant(from >= this.firstIndex, "§7 compacted entries are not read");
    return this.#entries.slice(from, to);
  }

  /** Returns the entries from `from` to at most `last` that fit into `maxBytes`, but at least one. */
  sliceUpTo(from: number, maxBytes: number, last: number = this.lastIndex): LogEntry[] {
    let to = from;
    for (let bytes = this.#entries.sizeAt(from); to < last; to++) {
      bytes += this.#entries.sizeAt(to + 1);
      if (bytes > maxBytes) break;
    }
    return this.slice(from, to);
  }

  /** Returns the size of the entries after `index`, up to and including `last`, in bytes. */
  bytesBetween(index: number, last: number): number {
    let bytes = 0;
    for (let at = index + 1; at <= last; at++) bytes += this.#entries.sizeAt(at);
    return bytes;
  }

  append(entry: LogEntry): void {
    checkFollows({ index: this.lastIndex, term: this.lastTerm }, entry);
    this.#entries.push(entry);
    this.#configurations.appended(entry);
  }

  /** Drops every entry from `index` on. */
  truncateFrom(index: number): void {
    invariant(index > this.snapshotIndex, "§7 entries that a snapshot covers are never truncated");
    this.#entries.truncateFrom(index);
    this.#configurations.truncatedFrom(index);
    this.check();
  }

  /**
   * A snapshot of this replica's own state was saved. Drops the entries that it covers, except the newest
   * `retainBytes`.
   */
  compact(meta: SnapshotMeta, retainBytes: number): void {
    invariant(
      this.termAt(meta.lastIncludedIndex) === meta.lastIncludedTerm,
      "§7 a snapshot ends at an entry of the log",
    );
    invariant(meta.lastIncludedIndex > this.snapshotIndex, "§7 a snapshot is replaced only by a newer one");
    this.#snapshot = meta;
    this.#configurations.compacted(meta);
    let keepFrom = meta.lastIncludedIndex + 1;
    for (let bytes = 0; keepFrom > this.firstIndex; keepFrom--) {
      bytes += this.#entries.sizeAt(keepFrom - 1);
      if (bytes > retainBytes) break;
    }
    this.#dropBefore(keepFrom);
    this.check();
  }

  /**
   * A received or restored snapshot replaces what it covers (§7). If this log holds its last entry, the suffix stays.
   * Otherwise the whole log is dropped.
   */
  installSnapshot(meta: SnapshotMeta): void {
    invariant(meta.lastIncludedIndex > this.snapshotIndex, "§7 a snapshot is replaced only by a newer one");
    this.#snapshot = meta;
    const suffixKept = this.termAt(meta.lastIncludedIndex) === meta.lastIncludedTerm;
    this.#configurations.installed(meta, suffixKept);
    if (suffixKept) {
      this.#dropBefore(meta.lastIncludedIndex + 1);
    } else {
      this.#prev = { index: meta.lastIncludedIndex, term: meta.lastIncludedTerm };
      this.#entries = new EntryList(meta.lastIncludedIndex + 1);
    }
    this.check();
  }

  /** Checks the invariant of the class. */
  check(): void {
    invariant(this.#prev.index + 1 === this.#entries.firstIndex, "§7 the entries follow `prev`");
    invariant(
      this.#prev.index <= this.snapshotIndex && this.snapshotIndex <= this.lastIndex,
      "§7 the log starts no later than the end of its snapshot, and does not end before it",
    );
    invariant(this.#prev.term <= this.lastTerm, "§5.3 terms never decrease along the log");
  }

  #dropBefore(index: number): void {
    const term = this.termAt(index - 1);
    invariant(term !== undefined, "§7 the log is compacted up to an entry it holds");
    this.#entries.dropBefore(index);
    this.#prev = { index: index - 1, term };
  }
}

/**
 * Checks what a persister returned: a log with a gap, or with falling terms, would be replicated as if it were valid.
 */
function checkEntries({ hardState, snapshot, prevLogIndex, prevLogTerm, entries }: PersistedState): void {
  const { currentTerm } = hardState;
  if (!Number.isSafeInteger(currentTerm) || currentTerm < 0 || currentTerm > MAX_TERM) {
    throw new InvariantViolation(
      `§5.1 the stored term is ${currentTerm}; terms are whole numbers from 0 to ${MAX_TERM}`,
    );
  }
  const snapshotTerm = snapshot?.lastIncludedTerm ?? 0;
  if (snapshotTerm > currentTerm) {
    throw new InvariantViolation(
      `§5.1 the snapshot is of term ${snapshotTerm}, later than the current term ${currentTerm}`,
    );
  }
  let last: LogPosition = { index: prevLogIndex, term: prevLogTerm };
  for (const entry of entries) {
    checkFollows(last, entry);
    last = entry;
  }
  if (last.term > currentTerm) {
    throw new InvariantViolation(
      `§5.1 entry ${last.index} is of term ${last.term}, later than the current term ${currentTerm}`,
    );
  }
}

/** Runs for every entry, so the messages are built only if a rule is broken. */
function checkFollows(last: LogPosition, entry: LogPosition): void {
  if (entry.index !== last.index + 1) {
    throw new InvariantViolation(
      `§5.3 an entry follows the last one: ${entry.index} comes after ${last.index}`,
    );
  }
  if (entry.term < last.term) {
    throw new InvariantViolation(
      `§5.3 terms never decrease along the log: entry ${entry.index} is of term ${entry.term}, after term ${last.term}`,
    );
  }
}
