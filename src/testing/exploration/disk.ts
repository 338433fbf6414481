import type { HardState, LogEntry, PersistedState, WriteBatch } from "../../raft/index.ts";

/** The part of a replica's state that survives a crash. Immutable: a write creates another. */
export class Disk {
  readonly hardState: HardState;
  readonly entries: readonly LogEntry[];

  constructor(hardState: HardState, entries: readonly LogEntry[]) {
    this.hardState = hardState;
    this.entries = entries;
  }

  write(batch: WriteBatch): Disk {
    const kept = this.entries.slice(0, (batch.truncateFrom ?? this.entries.length + 1) - 1);
    return new Disk(batch.hardState ?? this.hardState, [...kept, ...batch.entries]);
  }

  get restored(): PersistedState {
    const { hardState, entries } = this;
    return { hardState, entries, snapshot: undefined, prevLogIndex: 0, prevLogTerm: 0 };
  }

  termAt(index: number): number | undefined {
    return index === 0 ? 0 : this.entries[index - 1]?.term;
  }
}
