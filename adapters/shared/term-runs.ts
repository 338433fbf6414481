import type { LogEntry, LogPosition, SnapshotMeta, WriteBatch } from "../../src/raft/index.ts";

/** What must be known of a log to judge what is written to it: where it starts and ends, and who wrote what. */
export class TermRuns {
  /** The position before the first entry, then the first position of each run of entries of one term. */
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
   * The position that the entries of a batch follow; if there are none, the one at which the batch leaves
   * the log.
   *
   * @throws RangeError when the batch does not follow the log
   */
  positionOf(batch: WriteBatch): LogPosition {
    const keptIndex = this.#keptIndex(batch.truncateFrom);
    for (const [i, entry] of batch.entries.entries()) {
      const wanted = keptIndex + 1 + i;
      if (entry.index !== wanted) {
        throw new RangeError(
          `entries[${i}].index is ${entry.index}, must be ${wanted}: entries are contiguous and follow the log`,
        );
      }
    }
    // At the snapshot's last index it is the snapshot that the next entry follows, whatever the log held there.
    if (keptIndex === this.#snapshot?.index) return this.#snapshot;
    return { index: keptIndex, term: this.#termAt(keptIndex) ?? 0 };
  }

  /**
   * Ends the log at a position and appends entries there. A log that doesn't contain the position starts anew
   * from it.
   *
   * @returns how many of the entries before were kept
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
   * Forgets the entries that a snapshot covers. What follows them stays as it is, even if it disagrees with
   * the snapshot; a log that ends within the snapshot goes on from the snapshot's position.
   *
   * @returns how many entries, counted from the first, were forgotten
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
        `truncateFrom is ${truncateFrom}, must be ${lowest} or more: what the snapshot covers stays`,
      );
    }
    return Math.min(this.#lastIndex, truncateFrom - 1);
  }

  #termAt(index: number): number | undefined {
    if (index > this.#lastIndex) return undefined;
    return this.#runs.findLast((run) => run.index <= index)?.term;
  }
}
