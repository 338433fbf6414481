import {
  checkInvariants,
  emptyState,
  type HardState,
  type Input,
  type LogEntry,
  type LogPosition,
  type PersistedState,
  type RaftConfig,
  RaftCore,
  type RaftView,
  type Ready,
  type SnapshotMeta,
  type WriteBatch,
} from "../../src/raft/index.ts";

/** The durable part of a test replica. Calls take effect in the order in which they are made. */
export class DurableImage {
  hardState: HardState;
  prev: LogPosition;
  entries: LogEntry[];
  snapshot: { meta: SnapshotMeta; bytes: Uint8Array } | undefined;
  #inFlight: WriteBatch | undefined;

  constructor({ hardState, prevLogIndex, prevLogTerm, entries, snapshot }: PersistedState = emptyState) {
    this.hardState = hardState;
    this.prev = { index: prevLogIndex, term: prevLogTerm };
    this.entries = [...entries];
    this.snapshot = snapshot && { meta: snapshot, bytes: encode([]) };
  }

  get state(): PersistedState {
    return {
      hardState: this.hardState,
      snapshot: this.snapshot?.meta,
      prevLogIndex: this.prev.index,
      prevLogTerm: this.prev.term,
      entries: [...this.entries],
    };
  }

  get lastIndex(): number {
    return this.prev.index + this.entries.length;
  }

  holds({ index, term }: LogPosition): boolean {
    if (index <= (this.snapshot?.meta.lastIncludedIndex ?? 0)) return true;
    return this.entries[index - this.prev.index - 1]?.term === term;
  }

  /** Starts a write, which a crash may lose. */
  begin(batch: WriteBatch): void {
    this.#inFlight = batch;
  }

  /** Makes the write in flight durable. */
  complete(): void {
    const batch = this.#inFlight;
    this.#inFlight = undefined;
    if (batch === undefined) return;
    this.#write(batch);
    const meta = this.snapshot?.meta;
    const from = batch.truncateFrom ?? batch.entries[0]?.index;
    if (meta?.lastIncludedIndex !== this.prev.index || from !== this.prev.index + 1) return;
    // An entry directly after a snapshot follows the snapshot, even if the log had another entry at that index.
    this.prev = { index: this.prev.index, term: meta.lastIncludedTerm };
  }

  crash(): void {
    this.#inFlight = undefined;
  }

  #write(batch: WriteBatch): void {
    if (batch.hardState !== undefined) this.hardState = batch.hardState;
    if (batch.truncateFrom !== undefined) this.entries.length = batch.truncateFrom - this.prev.index - 1;
    for (const entry of batch.entries) {
      if (entry.index !== this.lastIndex + 1) throw new Error(`gap before ${entry.index}`);
      this.entries.push(entry);
    }
  }

  commitSnapshot(meta: SnapshotMeta, bytes: Uint8Array): void {
    this.complete();
    this.snapshot = { meta, bytes };
    if (meta.lastIncludedIndex > this.lastIndex) {
      this.prev = { index: meta.lastIncludedIndex, term: meta.lastIncludedTerm };
      this.entries = [];
      return;
    }
    // Keeps the last covered entry's own term, even if it differs: the core reconciles it.
    const covered = meta.lastIncludedIndex - this.prev.index;
    const last = this.entries[covered - 1];
    if (last !== undefined) this.prev = { index: last.index, term: last.term };
    this.entries = this.entries.slice(covered);
  }
}

/** A core with a durable image and a list of commands for a state machine; every step is checked. */
export class TestReplica {
  readonly config: RaftConfig;
  readonly image: DurableImage;
  readonly core: RaftCore;
  /** The commands applied so far, in order. */
  applied: string[];
  appliedTo: LogPosition;
  #before: RaftView | undefined;
  #incoming: number[] = [];

  constructor(config: RaftConfig, image: DurableImage, now: number) {
    this.config = config;
    this.image = image;
    this.core = new RaftCore(config, image.state, now);
    this.applied = image.snapshot === undefined ? [] : decode(image.snapshot.bytes);
    this.appliedTo = {
      index: image.snapshot?.meta.lastIncludedIndex ?? 0,
      term: image.snapshot?.meta.lastIncludedTerm ?? 0,
    };
  }

  step(input: Input, now: number): void {
    this.core.step(input, now);
    this.#check();
  }

  take(): Ready {
    const ready = this.core.take();
    this.#check();
    for (const entry of ready.apply) {
      if (entry.index !== this.appliedTo.index + 1) throw new Error(`applied ${entry.index} out of order`);
      if (entry.type === "command") this.applied.push(new TextDecoder().decode(entry.data));
      this.appliedTo = entry;
    }
    return ready;
  }

  saveSnapshot(now: number): void {
    const meta = this.core.snapshotMetaAt(this.appliedTo.index);
    if (meta === undefined || meta.lastIncludedIndex <= (this.core.view().snapshot?.lastIncludedIndex ?? 0))
      return;
    this.image.commitSnapshot(meta, encode(this.applied));
    this.step({ type: "snapshotSaved", meta }, now);
  }

  saveChunk(chunk: Ready["storeChunks"][number], now: number): void {
    if (chunk.offset === 0) this.#incoming = [];
    this.#incoming.push(...chunk.data);
    const { callId, meta, done } = chunk;
    this.step({ type: "chunkStored", callId, meta, nextOffset: this.#incoming.length }, now);
    if (!done) return;
    const bytes = Uint8Array.from(this.#incoming);
    this.image.commitSnapshot(meta, bytes);
    this.applied = decode(bytes);
    this.appliedTo = { index: meta.lastIncludedIndex, term: meta.lastIncludedTerm };
    this.step({ type: "snapshotInstalled", callId, meta }, now);
  }

  #check(): void {
    const now = this.core.view();
    checkInvariants(this.#before, now);
    this.#before = now;
  }
}

function encode(commands: readonly string[]): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(commands));
}

function decode(bytes: Uint8Array): string[] {
  return JSON.parse(new TextDecoder().decode(bytes));
}
