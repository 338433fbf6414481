import { InvariantViolation } from "../../src/raft/index.ts";
import type { SqliteDatabase } from "./database.ts";
import type { Engine, StoredState } from "./engine.ts";
import type { Identity } from "./identity.ts";
import { openStore } from "./open-store.ts";
import type { SnapshotCommit, Store, StoreBatch } from "./store.ts";

/** A store on its caller's thread, which it blocks. */
export class LocalEngine implements Engine {
  readonly #open: (file: string) => Promise<SqliteDatabase>;
  #store: Store | undefined;

  /** @param open opens the database file */
  constructor(open: (file: string) => Promise<SqliteDatabase>) {
    this.#open = open;
  }

  async open(file: string, identity: Identity): Promise<StoredState> {
    const { store, record, entries, label } = await openStore(file, identity, this.#open);
    this.#store = store;
    return { record, entries, label };
  }

  async bind(clusterUid: string): Promise<void> {
    this.#opened().bind(clusterUid);
  }

  async retire(reason: string, starts: number): Promise<void> {
    this.#opened().retire(reason, starts);
  }

  async write(batch: StoreBatch): Promise<void> {
    this.#opened().write(batch);
  }

  async beginSnapshot(): Promise<number> {
    return this.#opened().beginSnapshot();
  }

  async writeChunk(id: number, offset: number, chunk: Uint8Array): Promise<void> {
    this.#opened().writeChunk(id, offset, chunk);
  }

  async commitSnapshot(commit: SnapshotCommit): Promise<void> {
    this.#opened().commitSnapshot(commit);
  }

  async dropSnapshot(id: number): Promise<void> {
    this.#opened().dropSnapshot(id);
  }

  async readSnapshot(id: number, from: number, to: number): Promise<Uint8Array> {
    return this.#opened().readSnapshot(id, from, to);
  }

  async sweep(): Promise<boolean> {
    return this.#opened().sweep();
  }

  async close(): Promise<void> {
    this.#store?.close();
    this.#store = undefined;
  }

  #opened(): Store {
    if (!this.#store) throw new InvariantViolation("a store is opened before it is used");
    return this.#store;
  }
}
