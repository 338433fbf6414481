import { invariant } from "../invariant-violation.ts";
import type { LogEntry, SnapshotMeta, StoredConfiguration } from "../types.ts";

/**
 * The configurations in a log: the one that its snapshot covers, and those of later entries (§6).
 *
 * Invariant: their indices rise, and at most the first is at or before the last index of the snapshot.
 */
export class Configurations {
  #known: StoredConfiguration[] = [];

  /** The newest in the log, committed or not: the one that a replica uses (§6). Undefined if there is none. */
  get newest(): StoredConfiguration | undefined {
    return this.#known.at(-1);
  }

  /** The one that counts at `index`: the newest up to there. Undefined if there is none. */
  at(index: number): StoredConfiguration | undefined {
    return this.#known.findLast((configuration) => configuration.index <= index);
  }

  /** The log has a new last entry. */
  appended({ type, index, data }: LogEntry): void {
    if (type !== "configuration") return;
    invariant(index > (this.newest?.index ?? 0), "§6 a configuration follows the one before it");
    this.#known.push({ index, data });
  }

  /** The log lost every entry from `index` on. The configuration before them counts again. */
  truncatedFrom(index: number): void {
    while ((this.newest?.index ?? 0) >= index) this.#known.pop();
  }

  /** A snapshot of this log covers what is up to its last index. */
  compacted({ lastIncludedIndex, configuration }: SnapshotMeta): void {
    const covered = this.at(lastIncludedIndex);
    invariant(
      configuration?.index === covered?.index,
      "§6, §7 a snapshot has the configuration that it covers",
    );
    this.#known = this.#known.filter((known) => known === covered || known.index > lastIncludedIndex);
  }

  /** A snapshot replaced what is up to its last index, or the whole log unless `suffixKept`. */
  installed({ lastIncludedIndex, configuration }: SnapshotMeta, suffixKept: boolean): void {
    invariant((configuration?.index ?? 0) <= lastIncludedIndex, "§6, §7 a snapshot covers its configuration");
    const later = suffixKept ? this.#known.filter(({ index }) => index > lastIncludedIndex) : [];
    this.#known = configuration === undefined ? later : [configuration, ...later];
  }
}
