import type { Clock, Persister, SnapshotSink, SnapshotSource, StateMachine } from "../ports/index.ts";
import type { ChunkToSave, SnapshotMeta } from "../raft/index.ts";

/** Chunks in which a snapshot is read back. */
const RESTORE_CHUNK_BYTES = 256 << 10;

/**
 * Snapshots on their way to and from storage, and into the state machine. Other work runs between any two
 * chunks. One snapshot at a time becomes the newest.
 */
export class Snapshots {
  readonly #persister: Persister;
  readonly #stateMachine: StateMachine<unknown>;
  readonly #clock: Clock;
  #turn: Promise<unknown> = Promise.resolve();
  #incoming: SnapshotSink | undefined;

  constructor(persister: Persister, stateMachine: StateMachine<unknown>, clock: Clock) {
    this.#persister = persister;
    this.#stateMachine = stateMachine;
    this.#clock = clock;
  }

  /** Gives the state machine the newest snapshot, where there is one. */
  async restoreNewest(): Promise<void> {
    const source = await this.#persister.openSnapshot();
    if (source === undefined) return;
    try {
      await this.#stateMachine.restore(this.#chunksOf(source));
    } finally {
      await source.close();
    }
  }

  /**
   * Saves a snapshot of the own state.
   *
   * @param superseded asked before it becomes the newest: whether a newer one is there by now
   * @returns whether it was committed
   */
  async save(meta: SnapshotMeta, chunks: Iterable<Uint8Array>, superseded: () => boolean): Promise<boolean> {
    const sink = await this.#persister.createSnapshot(meta);
    try {
      for (const chunk of chunks) {
        await sink.write(chunk);
        await this.#breathe();
        if (superseded()) return false;
      }
      return await this.#inTurn(async () => {
        if (superseded()) return false;
        await sink.commit();
        return true;
      });
    } finally {
      await sink.abort();
    }
  }

  /** Saves a received chunk. */
  async saveChunk({ meta, offset, data }: ChunkToSave): Promise<void> {
    if (offset === 0) {
      await this.#incoming?.abort();
      this.#incoming = await this.#persister.createSnapshot(meta);
    }
    await this.#incoming?.write(data);
  }

  /** Makes the received snapshot the newest one and gives it to the state machine, then calls back. */
  async install(installed: () => void): Promise<void> {
    await this.#inTurn(async () => {
      await this.#incoming?.commit();
      this.#incoming = undefined;
      await this.restoreNewest();
      installed();
    });
  }

  async stop(): Promise<void> {
    await this.#turn.catch(() => {});
    await this.#incoming?.abort();
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => {});
    return mine;
  }

  async *#chunksOf(source: SnapshotSource): AsyncGenerator<Uint8Array> {
    for (let offset = 0; offset < source.size; ) {
      const chunk = await source.read(offset, RESTORE_CHUNK_BYTES);
      offset += chunk.length;
      yield chunk;
      await this.#breathe();
    }
  }

  /** Lets whatever is ready run. */
  #breathe(): Promise<void> {
    return new Promise((resolve) => this.#clock.defer(resolve));
  }
}
