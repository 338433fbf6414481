import { sizeOf } from "./entry-list.ts";
import type { AppendEntries } from "./messages.ts";
import type { SnapshotMeta } from "./types.ts";

/**
 * How a leader feeds one peer:
 * `probe`: where the logs agree is not known; one message at a time finds out.
 * `replicate`: it is known; entries flow, as many messages ahead as the window allows.
 * `snapshot`: what the peer needs was compacted away; the snapshot goes over chunk by chunk.
 */
export type ProgressMode =
  | { readonly type: "probe" }
  | { readonly type: "replicate" }
  | { readonly type: "snapshot"; readonly meta: SnapshotMeta; readonly offset: number };

/** A chunk is larger than a probe, and is written to disk before it is answered. */
const CHUNK_PATIENCE = 4;

/** What a leader knows of one peer (figure 2: volatile state on leaders). Made anew at each election. */
export class Progress {
  /** The highest index known to be durable at the peer. Never falls. */
  matchIndex = 0;
  /** The next index to send; everything below was sent or is known to be there. */
  nextIndex: number;
  mode: ProgressMode = { type: "probe" };
  /** When the peer last answered, in ms. */
  lastContactMs: number;
  /** A probe or chunk went unanswered or brought nothing new: the next one waits for the heartbeat. */
  paused = false;
  /** The AppendEntries with entries, or the probes, that await their reply in the present mode. */
  readonly #inflight = new Set<AppendEntries>();
  /** Those that were given up, as their mode has ended; their replies may come all the same. */
  readonly #givenUp = new Set<AppendEntries>();
  #inflightBytes = 0;
  /** In mode `snapshot`: a chunk awaits its reply. */
  chunkInflight = false;
  /** Heartbeats that were answered since the last probe or chunk was sent. */
  #heartbeatsAnswered = 0;

  constructor(nextIndex: number, now: number) {
    this.nextIndex = nextIndex;
    this.lastContactMs = now;
  }

  get inflight(): number {
    return this.#inflight.size;
  }

  get inflightBytes(): number {
    return this.#inflightBytes;
  }

  sent(request: AppendEntries): void {
    this.#heartbeatsAnswered = 0;
    this.#inflight.add(request);
    this.#inflightBytes += sizeOfEntries(request);
  }

  /** A call ended. Returns what it was until then; of a heartbeat, and of a call that has ended before, undefined. */
  ended(request: AppendEntries): "inflight" | "givenUp" | undefined {
    if (this.#inflight.delete(request)) {
      this.#inflightBytes -= sizeOfEntries(request);
      return "inflight";
    }
    return this.#givenUp.delete(request) ? "givenUp" : undefined;
  }

  /** Whether a probe that was given up asked what the present one asks: its refusal answers both. */
  stillAsks({ prevLogIndex }: AppendEntries): boolean {
    return (
      this.mode.type === "probe" && prevLogIndex === this.nextIndex - 1 && prevLogIndex > this.matchIndex
    );
  }

  chunkSent(): void {
    this.chunkInflight = true;
    this.#heartbeatsAnswered = 0;
  }

  /**
   * A heartbeat was answered. Where `limit` of them were and the probe still is not, it was lost, say in a partition
   * that has healed since: another one is due, and need not wait for the end of the call. A chunk is given more time.
   */
  heartbeatAnswered(limit: number): void {
    this.#heartbeatsAnswered++;
    switch (this.mode.type) {
      case "probe":
        if (this.inflight > 0 && this.#heartbeatsAnswered >= limit) this.probe(this.nextIndex);
        return;
      case "snapshot":
        if (this.#heartbeatsAnswered >= CHUNK_PATIENCE * limit) this.chunkInflight = false;
        return;
      case "replicate":
        return;
    }
  }

  /** The peer holds everything up to `index`. */
  matched(index: number): void {
    this.matchIndex = Math.max(this.matchIndex, index);
    this.nextIndex = Math.max(this.nextIndex, this.matchIndex + 1);
  }

  /** Look again for where the logs agree, from `nextIndex` down. */
  probe(nextIndex: number): void {
    this.#enter({ type: "probe" });
    this.nextIndex = Math.max(nextIndex, this.matchIndex + 1);
  }

  replicate(): void {
    if (this.mode.type !== "replicate") this.#enter({ type: "replicate" });
  }

  sendSnapshot(meta: SnapshotMeta): void {
    this.#enter({ type: "snapshot", meta, offset: 0 });
  }

  #enter(mode: ProgressMode): void {
    this.mode = mode;
    this.paused = false;
    this.chunkInflight = false;
    this.#heartbeatsAnswered = 0;
    for (const request of this.#inflight) this.#givenUp.add(request);
    this.#inflight.clear();
    this.#inflightBytes = 0;
  }
}

function sizeOfEntries({ entries }: AppendEntries): number {
  return entries.reduce((bytes, entry) => bytes + sizeOf(entry), 0);
}
