import { atEnd } from "../systems/children.ts";

/** The requests of a recording: puts and gets at the leader, and a probe of each replica. */
export interface Recording {
  readonly leader: string;
  readonly replicas: readonly string[];
  readonly putters: number;
  readonly getters: number;
  /** `key-0` and so on, in turn. */
  readonly keys: number;
}

/** One exchange. Its start is in ms since 1970. */
export interface Sample {
  readonly atMs: number;
  readonly latencyMs: number;
}

/**
 * All exchanges since the start. A replica answers a probe as soon as its event loop is free, so `probe` shows how long
 * the loop was busy.
 */
export type Samples = Readonly<Record<"put" | "get" | "probe", readonly Sample[]>>;

/** Sends requests and records their times, to compare them with what happened meanwhile. */
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
    // The error is reported by `stop`.
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
