import type { WriteBatch } from "../../../../src/raft/index.ts";
import { DurableImage } from "../../replica.ts";

/**
 * A durable image whose log goes on from its snapshot, as the persisters' logs do: what is written directly behind
 * the snapshot follows the snapshot, whatever entry the log had at that place before.
 */
export class Disk extends DurableImage {
  #batch: WriteBatch | undefined;

  override begin(batch: WriteBatch): void {
    this.#batch = batch;
    super.begin(batch);
  }

  override crash(): void {
    this.#batch = undefined;
    super.crash();
  }

  override complete(): void {
    super.complete();
    const batch = this.#batch;
    this.#batch = undefined;
    const meta = this.snapshot?.meta;
    if (batch === undefined || meta?.lastIncludedIndex !== this.prev.index) return;
    const from = batch.truncateFrom ?? batch.entries[0]?.index;
    if (from === this.prev.index + 1) this.prev = { index: this.prev.index, term: meta.lastIncludedTerm };
  }
}
