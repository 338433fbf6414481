import { URL } from "node:url";
import { type TransferListItem, Worker } from "node:worker_threads";
import { PersisterError } from "../../src/ports/index.ts";
import type { Engine, StoredState } from "./engine.ts";
import type { Identity } from "./identity.ts";
import { buffersOf, packEntries, unpackEntries } from "./packed-entries.ts";
import type { SnapshotCommit, StoreBatch } from "./store.ts";
import {
  type EngineCall,
  type EngineReply,
  type EngineRequest,
  type EngineResult,
  type EngineResults,
  receivedError,
} from "./worker-messages.ts";

/** A store on its own thread, because SQLite blocks. */
export class WorkerEngine implements Engine {
  readonly #url: string;
  readonly #startWorker: (url: URL) => Worker;
  readonly #waiting = new Map<number, Waiting>();
  #lastNumber = 0;
  #worker: Worker | undefined;
  /** The reason why the thread ended. */
  #ended: Error | undefined;
  #hasAnswered = false;

  /**
   * @param url the worker's script, which calls `serveEngine`
   * @param startWorker starts the thread
   */
  constructor(url: string = workerUrl(), startWorker: (url: URL) => Worker = (file) => new Worker(file)) {
    this.#url = url;
    this.#startWorker = startWorker;
  }

  async open(file: string, identity: Identity): Promise<StoredState> {
    this.#start();
    const { record, entries, label } = await this.#call({ type: "open", file, identity });
    return { record, entries: unpackEntries(entries), label };
  }

  async bind(clusterUid: string): Promise<void> {
    await this.#call({ type: "bind", clusterUid });
  }

  async retire(reason: string, starts: number): Promise<void> {
    await this.#call({ type: "retire", reason, starts });
  }

  async write({ entries, ...batch }: StoreBatch): Promise<void> {
    const packed = packEntries(entries);
    await this.#call({ type: "write", batch, entries: packed }, buffersOf(packed));
  }

  beginSnapshot(): Promise<number> {
    return this.#call({ type: "beginSnapshot" });
  }

  async writeChunk(id: number, offset: number, chunk: Uint8Array): Promise<void> {
    const copy = chunk.slice();
    await this.#call({ type: "writeChunk", id, offset, chunk: copy }, [copy.buffer]);
  }

  async commitSnapshot(commit: SnapshotCommit): Promise<void> {
    await this.#call({ type: "commitSnapshot", commit });
  }

  async dropSnapshot(id: number): Promise<void> {
    await this.#call({ type: "dropSnapshot", id });
  }

  readSnapshot(id: number, from: number, to: number): Promise<Uint8Array> {
    return this.#call({ type: "readSnapshot", id, from, to });
  }

  sweep(): Promise<boolean> {
    return this.#call({ type: "sweep" });
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    if (!worker) return;
    try {
      if (!this.#ended) await this.#request(worker, { type: "close" }, []);
    } finally {
      this.#worker = undefined;
      await worker.terminate();
    }
  }

  #start(): void {
    const worker = this.#startWorker(new URL(this.#url));
    worker.on("message", (reply: EngineReply) => this.#settle(worker, reply));
    worker.on("error", (error) => this.#end(error));
    worker.on("exit", (code) => this.#end(new Error(`it exited with ${code}`)));
    worker.unref();
    this.#worker = worker;
  }

  #call<Call extends EngineCall>(
    call: Call,
    transfer: readonly TransferListItem[] = [],
  ): Promise<EngineResults[Call["type"]]> {
    if (this.#ended) return Promise.reject(this.#ended);
    if (!this.#worker) return Promise.reject(new PersisterError("closed", "the database is closed"));
    return this.#request(this.#worker, call, transfer) as Promise<EngineResults[Call["type"]]>;
  }

  /** Keeps the process alive only while a call is in flight. */
  #request(worker: Worker, call: EngineCall, transfer: readonly TransferListItem[]): Promise<EngineResult> {
    return new Promise((resolve, reject) => {
      const number = ++this.#lastNumber;
      if (this.#waiting.size === 0) worker.ref();
      this.#waiting.set(number, { resolve, reject });
      worker.postMessage({ number, call } satisfies EngineRequest, transfer);
    });
  }

  #settle(worker: Worker, reply: EngineReply): void {
    this.#hasAnswered = true;
    const waiting = this.#waiting.get(reply.number);
    this.#waiting.delete(reply.number);
    if (this.#waiting.size === 0) worker.unref();
    if ("error" in reply) waiting?.reject(receivedError(reply.error));
    else waiting?.resolve(reply.result);
  }

  #end(cause: Error): void {
    if (!this.#worker) return;
    this.#ended ??= this.#hasAnswered
      ? new Error(`the thread of SQLite ended: ${cause.message}`, { cause })
      : new PersisterError(
          "failed",
          `the thread of SQLite could not be started from ${this.#url}: ${cause.message}. A program that was bundled ` +
            "or compiled needs this file as an entry point too: see docs/sqlite.md",
          { cause },
        );
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }
}

interface Waiting {
  resolve(result: EngineResult): void;
  reject(error: Error): void;
}

/**
 * Returns the worker's script beside this file, in the sources or in dist/. A program of `bun build --compile` has one
 * module, so the script is a separate entry point with its path in the repository.
 */
function workerUrl(): string {
  const here = import.meta.url;
  if (/\/(\$bunfs|~BUN)\//.test(here)) return new URL("./adapters/bun-sqlite/sqlite-worker.js", here).href;
  return new URL(here.endsWith(".ts") ? "./sqlite-worker.ts" : "./sqlite-worker.js", here).href;
}
