import { Encoder } from "cbor-x/encode";
import type { SkeletonFile } from "./skeleton-file.ts";

type Bytes = Uint8Array<ArrayBuffer>;

interface Entry {
  readonly key: string;
  readonly value: string;
  readonly applied: () => void;
}

/** A disk or a follower, which makes entries durable a batch at a time. */
interface Pipeline {
  readonly append: (batch: Bytes) => Promise<unknown>;
  /** All entries below this index are durable there. */
  durable: number;
  busy: boolean;
}

const encoder = new Encoder({ useRecords: false });

/** Applies a write when a majority has it, and answers reads when a majority still responds. */
export class SkeletonLeader {
  readonly #store = new Map<string, string>();
  readonly #pipelines: readonly Pipeline[];
  readonly #followers: readonly string[];
  /** The entries from `#first` on; earlier ones are everywhere. */
  #log: Entry[] = [];
  #first = 0;
  #committed = 0;
  #reads: (() => void)[] = [];
  #confirming = false;

  constructor(file: SkeletonFile, followers: readonly string[]) {
    this.#followers = followers;
    const appends = [
      (batch: Bytes) => file.append(batch),
      ...followers.map((url) => (batch: Bytes) => post(`${url}/append`, batch)),
    ];
    this.#pipelines = appends.map((append) => ({ append, durable: 0, busy: false }));
  }

  put(key: string, value: string): Promise<void> {
    return new Promise((resolve) => {
      this.#log.push({ key, value, applied: resolve });
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
      // Copied, because the encoder reuses its buffer.
      await pipeline.append(new Uint8Array(encoder.encode(batch.map(({ key, value }) => [key, value]))));
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
      await Promise.any(this.#followers.map((url) => post(`${url}/confirm`)));
      for (const read of reads) read();
    }
    this.#confirming = false;
  }
}

async function post(url: string, body?: Bytes): Promise<void> {
  const response = await fetch(url, { method: "POST", ...(body === undefined ? {} : { body }) });
  await response.arrayBuffer();
}
