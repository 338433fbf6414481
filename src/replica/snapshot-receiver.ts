import type { Clock, Persister, SnapshotSink, StateMachine } from "../ports/index.ts";
import { type Input, invariant, type ReceivedChunk, type SnapshotMeta } from "../raft/index.ts";
import { restoreNewest } from "./restore.ts";
import type { SerialQueue } from "./serial-queue.ts";
import { isShortage, type Shortage } from "./shortage.ts";

/** Parts that a receiver of snapshots needs. */
export interface SnapshotReceiverOptions {
  readonly persister: Persister;
  readonly stateMachine: StateMachine<unknown>;
  readonly clock: Clock;
  /** The queue in which snapshots become the newest one. */
  readonly commits: SerialQueue;
  /** The shortage of space for snapshots. */
  readonly shortage: Shortage;
  readonly step: (input: Input) => void;
  /** Called when the state machine holds the snapshot. */
  readonly installed: (meta: SnapshotMeta) => void;
}

/**
 * Stores the chunks of a leader's snapshot one after the other. The complete snapshot replaces the state of this
 * replica.
 */
export class SnapshotReceiver {
  readonly #options: SnapshotReceiverOptions;
  #last: Promise<void> = Promise.resolve();
  #sink: SnapshotSink | undefined;
  /** Size of the stored part, in bytes. */
  #storedBytes = 0;

  constructor(options: SnapshotReceiverOptions) {
    this.#options = options;
  }

  receive(chunk: ReceivedChunk): Promise<void> {
    this.#last = this.#last.then(() => this.#saveOrRefuse(chunk));
    return this.#last;
  }

  /** Discards an incomplete snapshot. */
  async stop(): Promise<void> {
    await this.#last.catch(() => {});
    await this.#sink?.abort();
  }

  /** If there is no space, the leader has to start again after a pause. */
  async #saveOrRefuse(chunk: ReceivedChunk): Promise<void> {
    const { shortage, step } = this.#options;
    try {
      await this.#save(chunk);
    } catch (error) {
      if (!isShortage(error)) throw error;
      await this.#sink?.abort();
      this.#sink = undefined;
      await shortage.pause(error);
      step({ type: "chunkRefused", callId: chunk.callId, meta: chunk.meta });
    }
  }

  async #save({ callId, meta, offset, data, done }: ReceivedChunk): Promise<void> {
    const { persister, step } = this.#options;
    if (offset === 0) {
      await this.#sink?.abort();
      this.#sink = await persister.createSnapshot(meta);
      this.#storedBytes = 0;
    }
    const sink = this.#sink;
    invariant(sink !== undefined, "§7 a snapshot begins with the chunk at offset 0");
    invariant(offset === this.#storedBytes, "§7 chunks are stored in order");
    await sink.write(data);
    this.#storedBytes += data.length;
    step({ type: "chunkStored", callId, meta, nextOffset: offset + data.length });
    if (done) await this.#install(callId, meta);
  }

  async #install(callId: number, meta: SnapshotMeta): Promise<void> {
    const { persister, stateMachine, clock, commits, step, installed } = this.#options;
    await commits.run(async () => {
      const sink = this.#sink;
      invariant(sink !== undefined, "§7 the snapshot that was received is installed");
      await sink.commit();
      this.#sink = undefined;
      const newest = await restoreNewest(persister, stateMachine, clock);
      invariant(
        newest?.lastIncludedIndex === meta.lastIncludedIndex,
        "§7 the snapshot that was received is the newest",
      );
      invariant(
        newest.configuration?.index === meta.configuration?.index,
        "§6, §7 a snapshot is stored with its configuration",
      );
      this.#options.shortage.over();
      installed(meta);
      step({ type: "snapshotInstalled", callId, meta });
    });
  }
}
