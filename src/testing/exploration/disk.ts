import type { HardState, LogEntry, PersistedState, WriteBatch } from "../../raft/index.ts";

/** What of one replica survives a crash. Never changed: a write makes a new one. */
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
