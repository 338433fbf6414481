import type { Clock, Persister, SnapshotSink, StateMachine } from "../ports/index.ts";
import type { Input, ReceivedChunk, SnapshotMeta } from "../raft/index.ts";
import { restoreNewest } from "./restore.ts";
import type { SerialQueue } from "./serial-queue.ts";
import { isShortage, type Shortage } from "./shortage.ts";

/** What received snapshots are installed with. */
export interface SnapshotReceiverOptions {
  readonly persister: Persister;
  readonly stateMachine: StateMachine<unknown>;
  readonly clock: Clock;
  /** In which snapshots become the newest one. */
  readonly commits: SerialQueue;
  /** Of space for snapshots. */
  readonly shortage: Shortage;
  readonly step: (input: Input) => void;
  /** The state machine holds the snapshot now. */
  readonly installed: (meta: SnapshotMeta) => void;
}

/** Saves the chunks of a leader's snapshot one after the other, and puts the whole in the place of this replica's state. */
export class SnapshotReceiver {
  readonly #options: SnapshotReceiverOptions;
  #last: Promise<void> = Promise.resolve();
  #sink: SnapshotSink | undefined;

  constructor(options: SnapshotReceiverOptions) {
    this.#options = options;
  }

  receive(chunk: ReceivedChunk): Promise<void> {
    this.#last = this.#last.then(() => this.#saveOrRefuse(chunk));
    return this.#last;
  }

  /** Throws away what is not complete. */
  async stop(): Promise<void> {
    await this.#last.catch(() => {});
    await this.#sink?.abort();
  }

  /** Without space the leader has to begin again, after a pause. */
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
    }
    await this.#sink?.write(data);
    step({ type: "chunkStored", callId, meta, nextOffset: offset + data.length });
    if (done) await this.#install(callId, meta);
  }

  async #install(callId: number, meta: SnapshotMeta): Promise<void> {
    const { persister, stateMachine, clock, commits, step, installed } = this.#options;
    await commits.run(async () => {
      await this.#sink?.commit();
      this.#sink = undefined;
      await restoreNewest(persister, stateMachine, clock);
      this.#options.shortage.over();
      installed(meta);
      step({ type: "snapshotInstalled", callId, meta });
    });
  }
}
