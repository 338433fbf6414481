import { invariant } from "../invariant-violation.ts";
import type { HardState, LogEntry, WriteBatch } from "../types.ts";
import type { RaftLog } from "./log.ts";

/**
 * Size limit of the entries in one batch, in bytes. A larger single entry is written alone. A longer write would delay
 * everything behind it.
 */
const MAX_BATCH_BYTES = 4 << 20;

/**
 * Which part of the state in memory is durable, which part is being written, and which part still has to be.
 *
 * One batch is in flight at a time. Changes meanwhile make the next batch, which is read from the log when it is taken.
 * So entries that were replaced before they were written never reach the disk.
 */
export class Durability {
  /** The highest index up to which the log in memory is durable. */
  #durableIndex: number;
  /** The first index of the present log that was not part of a batch. */
  #unwrittenFrom: number;
  #truncateFrom: number | undefined;
  /** Version of the hard state: of the latest change, of the latest batch, and of what is durable. */
  #hardStateVersion = 0;
  /** The version of the latest change of the term or the vote. */
  #ballotVersion = 0;
  #writtenVersion = 0;
  #durableVersion = 0;
  #inFlight: WriteBatch | undefined;
  #durableTerm: number;
  /**
   * The storage has no space for commands. Set by a refusal, cleared when a retry or a batch with commands is durable.
   */
  #isFull = false;
  /** It had no space for a batch without commands either, so no batch is handed out before the retry. */
  #refusesAll = false;
  /** The refused batch may be handed out again. */
  #retryDue = false;
  /** The batch in flight is that retry. */
  #isRetrying = false;

  /**
   * @param log as restored
   * @param storedLastIndex the last index in storage, which the restored log may have dropped
   * @param storedTerm the term in storage
   */
  constructor(log: RaftLog, storedLastIndex: number, storedTerm: number) {
    this.#durableTerm = storedTerm;
    this.#durableIndex = log.lastIndex;
    this.#unwrittenFrom = log.lastIndex + 1;
    this.#truncateFrom = storedLastIndex > log.lastIndex ? log.lastIndex + 1 : undefined;
  }

  get durableIndex(): number {
    return this.#durableIndex;
  }

  /** The latest term that is durable. */
  get durableTerm(): number {
    return this.#durableTerm;
  }

  /** The batch that is being written. */
  get inFlight(): WriteBatch | undefined {
    return this.#inFlight;
  }

  /** Whether the storage refused commands for lack of space, and has stored none since. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** The version of the hard state, for `isDurable`. */
  get hardStateVersion(): number {
    return this.#hardStateVersion;
  }

  isDurable(promise: { readonly hardStateVersion: number; readonly index: number }): boolean {
    return promise.hardStateVersion <= this.#durableVersion && promise.index <= this.#durableIndex;
  }

  /** The version of the term and the vote, for `isDurable`. Changes of the counted peers leave it as it is. */
  get ballotVersion(): number {
    return this.#ballotVersion;
  }

  /** The term or the vote changed. */
  ballotChanged(): void {
    this.#ballotVersion = ++this.#hardStateVersion;
  }

  /** The rest of the hard state changed: the peers whose votes or acknowledgements were counted. */
  countedPeersChanged(): void {
    this.#hardStateVersion++;
  }

  /** The log lost every entry from `index` on. */
  truncated(index: number): void {
    invariant(index >= 1, "§5.3 entries are removed from an index of the log");
    this.#durableIndex = Math.min(this.#durableIndex, index - 1);
    if (index >= this.#unwrittenFrom) return;
    this.#truncateFrom = Math.min(this.#truncateFrom ?? index, index);
    this.#unwrittenFrom = index;
  }

  /** A durable snapshot replaced the log up to `index`, or the whole log unless `suffixKept`. */
  snapshotInstalled(index: number, suffixKept: boolean): void {
    if (!suffixKept) this.truncated(index + 1);
    this.#durableIndex = Math.max(this.#durableIndex, index);
    this.#unwrittenFrom = Math.max(this.#unwrittenFrom, index + 1);
    if (this.#truncateFrom !== undefined) this.#truncateFrom = Math.max(this.#truncateFrom, index + 1);
    this.#check();
  }

  /**
   * Returns the next batch if there is something to write and no write is in flight.
   *
   * @param withEntries false while a received snapshot is being made durable: the log is written after that
   */
  takeBatch(log: RaftLog, hardState: HardState, withEntries: boolean): WriteBatch | undefined {
    if (this.#inFlight !== undefined) return undefined;
    if (this.#refusesAll && !this.#retryDue) return undefined;
    const unwritten = withEntries ? log.sliceUpTo(this.#unwrittenFrom, MAX_BATCH_BYTES) : [];
    const writesEntries = withEntries && (!this.#isFull || this.#retryDue || !hasCommands(unwritten));
    const entries: readonly LogEntry[] = writesEntries ? unwritten : [];
    const truncateFrom = writesEntries ? this.#truncateFrom : undefined;
    const writesHardState = this.#writtenVersion < this.#hardStateVersion;
    if (entries.length === 0 && truncateFrom === undefined && !writesHardState) return undefined;

    this.#refusesAll = false;
    if (writesEntries) {
      this.#isRetrying = this.#retryDue;
      this.#retryDue = false;
      this.#unwrittenFrom += entries.length;
      this.#truncateFrom = undefined;
    }
    this.#writtenVersion = this.#hardStateVersion;
    this.#inFlight = {
      entries,
      ...(writesHardState && { hardState }),
      ...(truncateFrom !== undefined && { truncateFrom }),
    };
    this.check(log);
    return this.#inFlight;
  }

  /**
   * The batch in flight is durable. Its entries count only if the log still holds the last of them. An entry may have
   * been replaced while it was being written; index and term show it.
   */
  completed(batch: WriteBatch, log: RaftLog): void {
    invariant(batch === this.#inFlight, "one write is in flight, and only that one completes");
    this.#inFlight = undefined;
    if (this.#isRetrying || hasCommands(batch.entries)) this.#isFull = false;
    this.#isRetrying = false;
    this.#durableVersion = this.#writtenVersion;
    this.#durableTerm = batch.hardState?.currentTerm ?? this.#durableTerm;
    const last = batch.entries.at(-1);
    if (last !== undefined && log.termAt(last.index) === last.term) {
      this.#durableIndex = Math.max(this.#durableIndex, last.index);
    }
    this.check(log);
  }

  /** The batch in flight was not stored. What the log still holds of it must be written again. */
  refused(batch: WriteBatch, log: RaftLog): void {
    invariant(batch === this.#inFlight, "one write is in flight, and only that one is refused");
    this.#inFlight = undefined;
    this.#isFull = true;
    this.#isRetrying = false;
    this.#refusesAll = !hasCommands(batch.entries);
    this.#writtenVersion = this.#durableVersion;
    const [first] = batch.entries;
    if (first !== undefined) {
      this.#unwrittenFrom = Math.max(log.snapshotIndex + 1, Math.min(this.#unwrittenFrom, first.index));
    }
    const { truncateFrom } = batch;
    if (truncateFrom !== undefined) {
      this.#truncateFrom = Math.max(
        log.snapshotIndex + 1,
        Math.min(this.#truncateFrom ?? truncateFrom, truncateFrom),
      );
    }
    this.check(log);
  }

  /** The storage may have space again. If nothing waits to be written, the next write will show. */
  retry(log: RaftLog): void {
    this.#retryDue =
      this.#unwrittenFrom <= log.lastIndex ||
      this.#truncateFrom !== undefined ||
      this.#writtenVersion < this.#hardStateVersion;
    this.#isFull = this.#retryDue;
    // If nothing is left of the refused batch, later ones need not wait for its retry.
    if (!this.#retryDue) this.#refusesAll = false;
    this.check(log);
  }

  /** Checks what the outbox and the commit rules rely on. */
  check(log: Pick<RaftLog, "lastIndex">): void {
    invariant(this.#durableIndex <= log.lastIndex, "§5.3 every durable entry is in the log");
    invariant(
      this.#unwrittenFrom <= log.lastIndex + 1,
      "§5.3 written entries are in the log, or were truncated",
    );
    this.#check();
  }

  #check(): void {
    invariant(this.#durableIndex < this.#unwrittenFrom, "figure 2: durable entries were written");
    invariant(
      this.#truncateFrom === undefined ||
        (this.#durableIndex < this.#truncateFrom && this.#truncateFrom <= this.#unwrittenFrom),
      "§5.3 truncated entries are not durable, and are truncated before others replace them",
    );
    invariant(
      this.#durableVersion <= this.#writtenVersion &&
        this.#writtenVersion <= this.#hardStateVersion &&
        this.#ballotVersion <= this.#hardStateVersion,
      "figure 2: a hard state is written after it changed, and durable after it was written",
    );
    invariant(
      this.#isFull || !this.#refusesAll,
      "only after a refused write, storage gets nothing before the retry",
    );
  }
}

function hasCommands(entries: readonly LogEntry[]): boolean {
  return entries.some(({ type }) => type === "command");
}
