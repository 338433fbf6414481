import { setTimeout as sleep } from "node:timers/promises";
import { Acknowledgements } from "./acknowledgements.ts";

/** Puts a key at a replica. Resolves to whether it was acknowledged, and rejects if there is no answer. */
export type Put = (at: URL, key: string, signal: AbortSignal) => Promise<boolean>;

export interface WritersOptions {
  readonly count: number;
  readonly targets: readonly URL[];
  readonly put: Put;
  /**
   * Maximum timeout of a write in ms before the next replica is tried. Each timeout is random, at least half of it.
   * Otherwise all waiting clients would restart in step, and failover times would be multiples of that timeout.
   */
  readonly timeoutMs: number;
}

/** Clients that write continuously, each write to the next replica, until they are disposed of. */
export class Writers implements AsyncDisposable {
  readonly acknowledgements: Acknowledgements = new Acknowledgements();
  readonly #options: WritersOptions;
  readonly #writers: readonly Promise<void>[];
  #stopped = false;

  constructor(options: WritersOptions) {
    this.#options = options;
    this.#writers = Array.from({ length: options.count }, (_, writer) => this.#write(writer));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#writers);
  }

  async #write(writer: number): Promise<void> {
    const { targets, put, timeoutMs } = this.#options;
    for (let n = writer; !this.#stopped; n++) {
      const target = targets[n % targets.length];
      if (target === undefined) throw new RangeError("targets: at least one is required");
      const startedAt = performance.now();
      const waitMs = Math.ceil(timeoutMs * (0.5 + Math.random() / 2));
      const done = await put(target, `key-${writer}`, AbortSignal.timeout(waitMs)).catch(() => false);
      if (done) this.acknowledgements.came(startedAt);
      else await sleep(5);
    }
  }
}

export const putDurio: Put = (at, key, signal) => post("/kvstore/put", at, { key, value: "x" }, signal);

export const putEtcd: Put = (at, key, signal) =>
  post("/v3/kv/put", at, { key: btoa(key), value: btoa("x") }, signal);

async function post(path: string, at: URL, body: object, signal: AbortSignal): Promise<boolean> {
  const response = await fetch(new URL(path, at), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    signal,
  });
  await response.arrayBuffer();
  return response.ok;
}
