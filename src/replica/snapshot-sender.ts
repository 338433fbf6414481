import type { Persister, SnapshotSource } from "../ports/index.ts";
import { type ChunkToSend, invariant, type ReplicaId } from "../raft/index.ts";
import { SerialQueue } from "./serial-queue.ts";

/**
 * Reads the chunks of the snapshots that are being sent to peers. A snapshot in use stays readable after a newer one
 * replaced it.
 */
export class SnapshotSender {
  readonly #persister: Persister;
  readonly #sources = new Map<ReplicaId, SnapshotSource>();
  /**
   * Reads for one peer run one after the other. Two at once could both open a snapshot, and one of them would stay
   * open.
   */
  readonly #queues = new Map<ReplicaId, SerialQueue>();

  constructor(persister: Persister) {
    this.#persister = persister;
  }

  /** Returns the chunk at an offset. Undefined if the snapshot no longer exists. */
  read(
    to: ReplicaId,
    request: ChunkToSend["request"],
    maxBytes: number,
  ): Promise<{ data: Uint8Array; done: boolean } | undefined> {
    return this.#queueOf(to).run(() => this.#read(to, request, maxBytes));
  }

  /** Closes all snapshots, because none is being sent any more. */
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
    invariant(data.length <= maxBytes, "§7 a chunk fits into its message");
    const done = offset + data.length >= source.size;
    invariant(done || data.length > 0, "§7 a snapshot is read to its end");
    // If this chunk is lost, the snapshot is opened again.
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
