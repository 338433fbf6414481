import type { SkeletonFile } from "./skeleton-file.ts";
import { frames, type SkeletonLink } from "./skeleton-link.ts";

interface Entry {
  readonly key: string;
  readonly value: string;
  /** Encoded once, for the disk and both followers. */
  readonly bytes: Buffer;
  readonly applied: () => void;
}

/** A disk or a follower, which makes entries durable a batch at a time. */
interface Pipeline {
  /** @param batch starts with the kind of a frame */
  readonly append: (batch: Buffer<ArrayBuffer>) => Promise<void> | void;
  /** All entries below this index are durable there. */
  durable: number;
  busy: boolean;
}

const appendKind = Buffer.from([frames.append]);
const confirmFrame = Buffer.from([frames.confirm]);

/** Applies a write when a majority has it, and answers reads when a majority still responds. */
export class SkeletonLeader {
  readonly #store = new Map<string, string>();
  readonly #pipelines: readonly Pipeline[];
  readonly #followers: readonly SkeletonLink[];
  /** The entries from `#first` on; earlier ones are everywhere. */
  #log: Entry[] = [];
  #first = 0;
  #committed = 0;
  #reads: (() => void)[] = [];
  #confirming = false;

  constructor(file: SkeletonFile, followers: readonly SkeletonLink[]) {
    this.#followers = followers;
    // The disk last: it blocks, while the followers work already.
    const appends: readonly Pipeline["append"][] = [
      ...followers.map((link) => (batch: Buffer<ArrayBuffer>) => link.send(batch)),
      (batch) => file.append(batch.subarray(appendKind.length)),
    ];
    this.#pipelines = appends.map((append) => ({ append, durable: 0, busy: false }));
  }

  put(key: string, value: string): Promise<void> {
    return new Promise((resolve) => {
      this.#log.push({ key, value, bytes: encode(key, value), applied: resolve });
      for (const pipeline of this.#pipelines) this.#run(pipeline);
    });
  }

  async get(key: string): Promise<string | undefined> {
    await new Promise<void>((resolve) => {
      this.#reads.push(resolve);
      this.#confirm();
    });
    return this.#store.get(key);
  }

  async #run(pipeline: Pipeline): Promise<void> {
    if (pipeline.busy) return;
    pipeline.busy = true;
    // Entries of the same turn of the event loop share a batch.
    await new Promise((resolve) => setImmediate(resolve));
    while (pipeline.durable < this.#first + this.#log.length) {
      const batch = this.#log.slice(pipeline.durable - this.#first);
      await pipeline.append(Buffer.concat([appendKind, ...batch.map(({ bytes }) => bytes)]));
      pipeline.durable += batch.length;
      this.#commit();
    }
    pipeline.busy = false;
  }

  #commit(): void {
    const durable = this.#pipelines.map((pipeline) => pipeline.durable).sort((a, b) => a - b);
    const majority = durable[Math.floor(durable.length / 2)] ?? 0;
    for (; this.#committed < majority; this.#committed++) {
      const entry = this.#log[this.#committed - this.#first];
      if (entry === undefined) continue;
      this.#store.set(entry.key, entry.value);
      entry.applied();
    }
    const everywhere = durable[0] ?? 0;
    this.#log.splice(0, everywhere - this.#first);
    this.#first = everywhere;
  }

  /** One round at a time for all reads that wait when it starts. With the leader, one answer is a majority. */
  async #confirm(): Promise<void> {
    if (this.#confirming) return;
    this.#confirming = true;
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#reads.length > 0) {
      const reads = this.#reads;
      this.#reads = [];
      await Promise.any(this.#followers.map((link) => link.send(confirmFrame)));
      for (const read of reads) read();
    }
    this.#confirming = false;
  }
}

/** Format: lengths of key and value (u16, u32), then both. */
function encode(key: string, value: string): Buffer {
  const keyBytes = Buffer.byteLength(key);
  const bytes = Buffer.allocUnsafe(6 + keyBytes + Buffer.byteLength(value));
  bytes.writeUInt16LE(keyBytes, 0);
  bytes.writeUInt32LE(bytes.length - 6 - keyBytes, 2);
  bytes.write(key, 6);
  bytes.write(value, 6 + keyBytes);
  return bytes;
}
