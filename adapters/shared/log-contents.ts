import type { LogEntry, LogPosition, SnapshotMeta } from "../../src/raft/index.ts";
import { TermRuns } from "./term-runs.ts";

/** A log in memory: its entries, with the positions in `termRuns`. */
export class LogContents {
  readonly termRuns: TermRuns = new TermRuns();
  #entries: LogEntry[] = [];

  get entries(): readonly LogEntry[] {
    return this.#entries;
  }

  append(position: LogPosition, entries: readonly LogEntry[]): void {
    this.#entries.length = this.termRuns.append(position, entries);
    for (const entry of entries) this.#entries.push(entry);
  }

  cover(snapshot: SnapshotMeta): void {
    this.#entries = this.#entries.slice(this.termRuns.cover(snapshot));
  }
}
