import type { LogEntry, LogPosition, SnapshotMeta, WriteBatch } from "../../src/raft/index.ts";

/**
 * The shape of a log: its start, its end and the runs of entries of one term. Enough to validate what is written to it.
 */
export class TermRuns {
  /** The position before the first entry, then the first position of each run. */
  #runs: LogPosition[];
  #lastIndex: number;
  #snapshot: LogPosition | undefined;

  constructor(prev: LogPosition = { index: 0, term: 0 }) {
    this.#runs = [prev];
    this.#lastIndex = prev.index;
  }

  /** The position before the first entry. */
  get prev(): LogPosition {
    const [prev] = this.#runs;
    if (!prev) throw new Error("a log starts somewhere");
    return prev;
  }

  get last(): LogPosition {
    return { index: this.#lastIndex, term: this.#runs.at(-1)?.term ?? 0 };
  }

  /**
   * Returns the position that the batch's entries follow. Without entries, it is the position at which the batch leaves
   * the log.
   *
   * @throws RangeError if the batch does not follow the log
   */
  positionOf(batch: WriteBatch): LogPosition {
    const keptIndex = this.#keptIndex(batch.truncateFrom);
    for (const [i, entry] of batch.entries.entries()) {
      const wanted = keptIndex + 1 + i;
      if (entry.index !== wanted) {
        throw new RangeError(
          `entries[${i}].index is ${entry.index}, must be ${wanted}, because entries are contiguous and follow the log`,
        );
      }
    }
    // The next entry follows the snapshot here, even if the log had another entry at this index.
    if (keptIndex === this.#snapshot?.index) return this.#snapshot;
    return { index: keptIndex, term: this.#termAt(keptIndex) ?? 0 };
  }

  /**
   * Truncates the log after a position and appends entries. A log that does not contain the position starts anew from
   * it.
   *
   * @returns how many earlier entries were kept
   */
  append(position: LogPosition, entries: readonly LogEntry[]): number {
    if (this.#termAt(position.index) === position.term) {
      this.#runs = this.#runs.filter((run, i) => i === 0 || run.index <= position.index);
    } else {
      this.#runs = [position];
    }
    const kept = position.index - this.prev.index;
    let { term } = this.last;
    for (const entry of entries) {
      if (entry.term === term) continue;
      term = entry.term;
      this.#runs.push({ index: entry.index, term });
    }
    this.#lastIndex = position.index + entries.length;
    return kept;
  }

  /**
   * Removes the entries that a snapshot covers. Later entries stay, even if they contradict the snapshot. A log that
   * ends before the snapshot's position continues from it.
   *
   * @returns how many entries were removed from the start of the log
   */
  cover({ lastIncludedIndex: index, lastIncludedTerm: term }: SnapshotMeta): number {
    const before = this.prev.index;
    const end = this.#lastIndex;
    this.#snapshot = { index, term };
    if (index >= end) {
      this.#runs = [this.#snapshot];
      this.#lastIndex = index;
      return end - before;
    }
    const ownTerm = this.#termAt(index);
    if (ownTerm === undefined) return 0;
    this.#runs = [{ index, term: ownTerm }, ...this.#runs.filter((run) => run.index > index)];
    return index - before;
  }

  #keptIndex(truncateFrom: number | undefined): number {
    if (truncateFrom === undefined) return this.#lastIndex;
    const lowest = (this.#snapshot?.index ?? this.prev.index) + 1;
    if (!Number.isSafeInteger(truncateFrom) || truncateFrom < lowest) {
      throw new RangeError(
        `truncateFrom is ${truncateFrom}, must be ${lowest} or more, because entries that the snapshot covers cannot be replaced`,
      );
    }
    return Math.min(this.#lastIndex, truncateFrom - 1);
  }

  #termAt(index: number): number | undefined {
    if (index > this.#lastIndex) return undefined;
    return this.#runs.findLast((run) => run.index <= index)?.term;
  }
}
