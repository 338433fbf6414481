import type { LogEntry, LogPosition, SnapshotMeta } from "../../src/raft/index.ts";
import { LogOutline } from "./log-outline.ts";

/** A log in memory: the entries that its outline speaks of. */
export class LogContents {
  readonly outline: LogOutline = new LogOutline();
  #entries: LogEntry[] = [];

  get entries(): readonly LogEntry[] {
    return this.#entries;
  }

  append(position: LogPosition, entries: readonly LogEntry[]): void {
    this.#entries.length = this.outline.append(position, entries);
    for (const entry of entries) this.#entries.push(entry);
  }

  cover(snapshot: SnapshotMeta): void {
    this.#entries = this.#entries.slice(this.outline.cover(snapshot));
  }
}
