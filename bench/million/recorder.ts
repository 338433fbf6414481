import { atEnd } from "../systems/children.ts";

/** What is asked while it is recorded: puts and gets of the leader, and a trifle of each replica. */
export interface Recording {
  readonly leader: string;
  readonly replicas: readonly string[];
  readonly putters: number;
  readonly getters: number;
  /** `key-0` and so on, one after another. */
  readonly keys: number;
}

/** One exchange; when it began is in ms since 1970. */
export interface Sample {
  readonly atMs: number;
  readonly latencyMs: number;
}

/**
 * All exchanges since the start. A replica that is asked for a trifle answers as soon as its loop is free, so that
 * `probe` shows how long that was kept busy.
 */
export type Samples = Readonly<Record<"put" | "get" | "probe", readonly Sample[]>>;

/** Asks, and keeps when and how long each request took, so that what happened meanwhile can be set beside it. */
export class Recorder {
  readonly #worker: Worker;
  readonly #samples: Promise<Samples>;

  constructor(recording: Recording) {
    this.#worker = new Worker(new URL("./recorder-worker.ts", import.meta.url));
    const forget = atEnd(() => this.#worker.terminate());
    this.#samples = new Promise<Samples>((resolve, reject) => {
      this.#worker.onmessage = ({ data }: MessageEvent<Samples>) => resolve(data);
      this.#worker.onerror = ({ message }) => reject(new Error(message));
    }).finally(forget);
    // Whoever stops it hears what failed.
    this.#samples.catch(() => {});
    this.#worker.postMessage(recording);
  }

  async stop(): Promise<Samples> {
    this.#worker.postMessage("stop");
    try {
      return await this.#samples;
    } finally {
      this.#worker.terminate();
    }
  }
}
