import type { Persister, SnapshotSource } from "../ports/index.ts";
import { type ChunkToSend, invariant, type ReplicaId } from "../raft/index.ts";
import { SerialQueue } from "./serial-queue.ts";

/** Reads the chunks of the snapshots that peers are being sent. A snapshot in use outlives its successor. */
export class SnapshotSender {
  readonly #persister: Persister;
  readonly #sources = new Map<ReplicaId, SnapshotSource>();
  /** Reads for one peer run one after the other: two that opened a snapshot at once would leave one of them open. */
  readonly #queues = new Map<ReplicaId, SerialQueue>();

  constructor(persister: Persister) {
    this.#persister = persister;
  }

  /** The chunk at an offset; undefined if there is no such snapshot any more. */
  read(
    to: ReplicaId,
    request: ChunkToSend["request"],
    maxBytes: number,
  ): Promise<{ data: Uint8Array; done: boolean } | undefined> {
    return this.#queueOf(to).run(() => this.#read(to, request, maxBytes));
  }

  /** Nothing is being sent any more. */
  async closeAll(): Promise<void> {
    for (const [to, queue] of this.#queues) await queue.run(() => this.#close(to));
  }

  async #read(
    to: ReplicaId,
    { lastIncludedIndex, offset }: ChunkToSend["request"],
    maxBytes: number,
  ): Promise<{ data: Uint8Array; done: boolean } | undefined> {
    let source = this.#sources.get(to);
    if (source?.meta.lastIncludedIndex !== lastIncludedIndex) {
      await this.#close(to);
      source = await this.#persister.openSnapshot();
      if (source === undefined) return undefined;
      this.#sources.set(to, source);
      if (source.meta.lastIncludedIndex !== lastIncludedIndex) return undefined;
    }
    const data = await source.read(offset, maxBytes);
    invariant(data.length <= maxBytes, "§7 a chunk is no larger than its message may be");
    const done = offset + data.length >= source.size;
    invariant(done || data.length > 0, "§7 a snapshot is read to its end");
    // Should this chunk be lost, the snapshot is opened again.
    if (done) await this.#close(to);
    return { data, done };
  }

  async #close(to: ReplicaId): Promise<void> {
    const source = this.#sources.get(to);
    this.#sources.delete(to);
    await source?.close();
  }

  #queueOf(to: ReplicaId): SerialQueue {
    let queue = this.#queues.get(to);
    if (queue === undefined) {
      queue = new SerialQueue();
      this.#queues.set(to, queue);
    }
    return queue;
  }
}
