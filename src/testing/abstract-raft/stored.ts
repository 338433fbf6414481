import type { HardState, LogPosition, PersistedState, WriteBatch } from "../../raft/index.ts";
import { Positions } from "./positions.ts";

/** The state that a restart restores (figure 2: persistent state). */
export class Stored {
  #hardState: HardState;
  #snapshot: LogPosition;
  /** It may start before the end of the snapshot and contradict it. */
  readonly #log: Positions;
  #written: WriteBatch | undefined;

  constructor({ hardState, snapshot, prevLogIndex, prevLogTerm, entries }: PersistedState) {
    this.#hardState = hardState;
    this.#snapshot = { index: snapshot?.lastIncludedIndex ?? 0, term: snapshot?.lastIncludedTerm ?? 0 };
    const terms = entries.map(({ term }) => term);
    this.#log = new Positions({ index: prevLogIndex, term: prevLogTerm }, terms);
  }

  get hardState(): HardState {
    return this.#hardState;
  }

  get snapshot(): LogPosition {
    return this.#snapshot;
  }

  get isBlank(): boolean {
    return this.#hardState.currentTerm === 0 && this.#snapshot.index === 0 && this.#log.lastIndex === 0;
  }

  /** Returns whether the storage still has this position after a restart. */
  holds({ index, term }: LogPosition): boolean {
    return index <= this.#snapshot.index || this.#log.termAt(index) === term;
  }

  /** Returns the log after a restart with this newest snapshot. */
  logAfter(snapshot: LogPosition): Positions {
    return this.#log.replacedBy(snapshot);
  }

  /** Returns the index that the entries of a batch follow. */
  endOf({ truncateFrom = Number.POSITIVE_INFINITY }: WriteBatch): number {
    return Math.max(this.#snapshot.index, Math.min(this.#log.lastIndex, truncateFrom - 1));
  }

  /** Writes a batch. Writing it again changes nothing. */
  write(batch: WriteBatch): void {
    if (batch === this.#written) return;
    this.#written = batch;
    this.#hardState = batch.hardState ?? this.#hardState;
    const end = this.endOf(batch);
    // At the snapshot's end the next entry follows the snapshot, even if the log had another entry there.
    if (end === this.#snapshot.index) this.#log.replaceBy(this.#snapshot);
    this.#log.cutAfter(end);
    for (const { term } of batch.entries) this.#log.append(term);
  }

  /** @param writing the batch handed out before, which is durable before the snapshot */
  snapshotStored(snapshot: LogPosition, writing: WriteBatch | undefined): void {
    if (writing !== undefined) this.write(writing);
    this.#snapshot = snapshot;
    const { index, term } = snapshot;
    if (index >= this.#log.lastIndex || this.#log.termAt(index) === term) this.#log.replaceBy(snapshot);
  }

  /** Returns whether a persister with this state may restore `other`, whose snapshot may be newer. */
  isRestoredAs(other: Stored): boolean {
    const [own, its] = [this.#hardState, other.#hardState];
    return (
      own.currentTerm === its.currentTerm &&
      own.votedFor === its.votedFor &&
      own.countedPeers.length === its.countedPeers.length &&
      own.countedPeers.every((peer) => its.countedPeers.includes(peer)) &&
      this.#snapshot.index <= other.#snapshot.index &&
      this.logAfter(other.#snapshot).equals(other.logAfter(other.#snapshot))
    );
  }
}
