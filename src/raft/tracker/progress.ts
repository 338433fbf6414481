import { invariant } from "../invariant-violation.ts";
import { sizeOfAll } from "../log/entry-size.ts";
import type { AppendEntries } from "../messages.ts";
import type { ChunkToSend } from "../ready.ts";
import type { ReplicaId, SnapshotMeta } from "../types.ts";
import { Pace, type Seen } from "./pace.ts";

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

/** A chunk is written to disk before it is answered, and the last one is answered when the snapshot is installed. */
const CHUNK_PATIENCE_TIMEOUTS = 2;

/** So many heartbeats that a peer answered, and no answer to what was sent before them, are evidence of a loss. */
const HEARTBEATS_OF_EVIDENCE = 2;

/** A call with entries or a chunk lasts at least so many election timeouts: it may meet a slow disk. */
const ENTRIES_DEADLINE_TIMEOUTS = 4;
const CHUNK_DEADLINE_TIMEOUTS = 16;

interface Chunk {
  readonly request: ChunkToSend["request"];
  readonly sentMs: number;
  readonly bytes: number;
  /** Sent once more: its answer may be that to the first one, and says nothing of how long it took. */
  readonly again: boolean;
}

export interface ProgressOptions {
  readonly peer: ReplicaId;
  /** The index to begin with: the one after the leader's last entry. */
  readonly nextIndex: number;
  readonly nowMs: number;
  /** The shortest election timeout, in ms. */
  readonly timeoutMs: number;
}

/** What a leader knows of one peer (figure 2: volatile state on leaders). Made anew at each election. */
export class Progress {
  readonly peer: ReplicaId;
  /** The highest index known to be durable at the peer. Never falls. */
  matchIndex = 0;
  /** The next index to send; everything below was sent or is known to be there. */
  nextIndex: number;
  mode: ProgressMode = { type: "probe" };
  /** When the peer last answered, in ms. Set by `heard`. */
  lastContactMs: number;
  /** The longest time without an answer since the oldest message in flight was sent, in ms, and since when it counts. */
  #silenceMs = 0;
  #silenceFromMs: number;
  /**
   * The peer lacks what it acknowledged in this leadership: it runs on storage that went back in time. It is sent
   * heartbeats alone and counts for no commit. Never cleared.
   */
  lostAcknowledged = false;
  /** A probe or chunk went unanswered or brought nothing new: the next one waits for the heartbeat. */
  paused = false;
  readonly pace: Pace;
  /** The AppendEntries with entries, or the probes, that await their reply in the present mode, and since when, in ms. */
  readonly #inflight = new Map<AppendEntries, number>();
  /** Those that were given up, as their mode has ended; their replies may come all the same. */
  readonly #givenUp = new Map<AppendEntries, number>();
  /** Those of an earlier progress: what is answered to them says nothing any more. */
  readonly #ignored = new Set<AppendEntries>();
  #inflightBytes = 0;
  /** In mode `snapshot`: the chunk that awaits its reply. */
  #chunk: Chunk | undefined;
  /** The offset of the last chunk that was taken for lost. */
  #lostOffset: number | undefined;
  /** Heartbeats answered since the oldest message in flight was due. */
  #heartbeatsAnswered = 0;
  /** The peer is busy with a chunk that it has: it is not sent again before this, in ms. */
  #busyUntilMs = Number.NEGATIVE_INFINITY;
  /** When the last message with entries, probe or chunk was sent, in ms. */
  #lastSentMs: number;
  readonly #timeoutMs: number;

  constructor({ peer, nextIndex, nowMs, timeoutMs }: ProgressOptions) {
    this.peer = peer;
    this.nextIndex = nextIndex;
    this.lastContactMs = nowMs;
    this.#lastSentMs = nowMs;
    this.#silenceFromMs = nowMs;
    this.#timeoutMs = timeoutMs;
    this.pace = new Pace(timeoutMs);
    this.check();
  }

  get inflight(): number {
    return this.#inflight.size;
  }

  get inflightBytes(): number {
    return this.#inflightBytes;
  }

  get chunkInflight(): boolean {
    return this.#chunk !== undefined;
  }

  /** The peer answered something. */
  heard(nowMs: number): void {
    invariant(nowMs >= this.lastContactMs, "time never falls");
    this.#silenceMs = this.#longestSilenceMs(nowMs);
    this.lastContactMs = nowMs;
  }

  /** This progress takes the place of an earlier one: the peer began anew, and forgot what it was asked before. */
  ignoreCallsOf(earlier: Progress): void {
    for (const calls of [earlier.#inflight.keys(), earlier.#givenUp.keys(), earlier.#ignored]) {
      for (const request of calls) this.#ignored.add(request);
    }
  }

  /** @returns after what time its call ends unanswered, in ms */
  sent(request: AppendEntries, nowMs: number): number {
    if (this.#inflight.size === 0) this.#watchFrom(nowMs);
    this.#inflight.set(request, nowMs);
    this.#inflightBytes += sizeOfAll(request.entries);
    this.#lastSentMs = nowMs;
    invariant(!this.lostAcknowledged, "a peer that lost what it acknowledged is sent heartbeats alone");
    invariant(request.prevLogIndex === this.nextIndex - 1, "§5.3 entries are sent in order, without a gap");
    this.check();
    return this.pace.deadlineMs(this.#inflightBytes, ENTRIES_DEADLINE_TIMEOUTS * this.#timeoutMs);
  }

  /**
   * A call was answered, or ended without an answer. Returns what it was until then: `ignored` if it was made before
   * the peer began anew; of a heartbeat, and of a call that has ended before, undefined.
   */
  ended(
    request: AppendEntries,
    nowMs: number,
    answered: boolean,
  ): "inflight" | "givenUp" | "ignored" | undefined {
    if (this.#ignored.delete(request)) return "ignored";
    const wasInflight = this.#inflight.get(request);
    const sentMs = wasInflight ?? this.#givenUp.get(request);
    if (sentMs === undefined) return undefined;
    const bytes = sizeOfAll(request.entries);
    if (answered) this.pace.answered(this.#seen(bytes, sentMs, nowMs));
    if (wasInflight === undefined) {
      this.#givenUp.delete(request);
      return "givenUp";
    }
    if (!answered && nowMs - sentMs > this.#timeoutMs) this.#overdue(bytes, sentMs);
    this.#inflight.delete(request);
    this.#inflightBytes -= bytes;
    this.#watchFrom(nowMs);
    this.check();
    return "inflight";
  }

  /** Whether a probe that was given up asked what the present one asks: its refusal answers both. */
  stillAsks({ prevLogIndex }: AppendEntries): boolean {
    return (
      this.mode.type === "probe" && prevLogIndex === this.nextIndex - 1 && prevLogIndex > this.matchIndex
    );
  }

  /** @returns after what time its call ends unanswered, in ms */
  chunkSent(request: ChunkToSend["request"], bytes: number, nowMs: number): number {
    const { mode } = this;
    invariant(mode.type === "snapshot" && request.offset === mode.offset, "§7 chunks are sent in order");
    invariant(this.#chunk === undefined, "§7 one chunk is in flight to a peer");
    this.#chunk = { request, sentMs: nowMs, bytes, again: request.offset === this.#lostOffset };
    this.#watchFrom(nowMs);
    this.#lastSentMs = nowMs;
    return this.pace.deadlineMs(bytes, CHUNK_DEADLINE_TIMEOUTS * this.#timeoutMs);
  }

  /** The chunk at `offset` was answered. */
  chunkAnswered(offset: number, nowMs: number): void {
    const chunk = this.#chunk;
    if (chunk?.request.offset === offset && !chunk.again) {
      this.pace.answered(this.#seen(chunk.bytes, chunk.sentMs, nowMs));
    }
    this.#chunk = undefined;
  }

  /** The peer has the chunk that follows what it holds, and is not done with it: its answer is still to come. */
  chunkBusy(nowMs: number): void {
    const chunk = this.#chunk;
    if (chunk === undefined) return;
    this.pace.overdue(chunk.bytes, true);
    this.#busyUntilMs = nowMs + this.#chunkPatienceMs(chunk.bytes);
    this.#chunkLost(chunk);
  }

  /** The call of a chunk ended without an answer. Returns whether it was the one in flight, and none given up before. */
  chunkFailed(request: ChunkToSend["request"], nowMs: number): boolean {
    const chunk = this.#chunk;
    if (chunk?.request !== request) return false;
    if (nowMs - chunk.sentMs > this.#timeoutMs) this.#overdue(chunk.bytes, chunk.sentMs);
    this.#chunkLost(chunk);
    return true;
  }

  /**
   * A heartbeat was answered. Where the peer answers heartbeats and leaves what was sent before them unanswered for
   * longer than its bytes take, that was lost, say in a partition that has healed since: it is sent again, and need
   * not wait for the end of its call.
   *
   * Neither sign is enough alone. On connections of their own heartbeats overtake a long message; on a connection that
   * keeps order they wait behind it. And many heartbeats pass at once when reads ask for them.
   */
  heartbeatAnswered(nowMs: number): void {
    const chunk = this.#chunk;
    if (chunk !== undefined) {
      if (!this.#isLost(chunk.sentMs, this.#chunkPatienceMs(chunk.bytes), nowMs)) return;
      this.#overdue(chunk.bytes, chunk.sentMs);
      return this.#chunkLost(chunk);
    }
    const sentMs = this.#oldestSentMs();
    if (sentMs === undefined) return;
    const patienceMs = this.pace.patienceMs(this.#inflightBytes);
    if (!this.#isLost(sentMs, patienceMs, nowMs)) return;
    this.#overdue(this.#inflightBytes, sentMs);
    this.probe(this.mode.type === "probe" ? this.nextIndex : this.matchIndex + 1);
  }

  /** Whether what went unanswered may be sent once more: a peer that is silent is asked seldom. */
  mayRetry(nowMs: number): boolean {
    if (nowMs < this.#busyUntilMs) return false;
    return (
      nowMs - this.lastContactMs < this.#timeoutMs ||
      nowMs - this.#lastSentMs >= ENTRIES_DEADLINE_TIMEOUTS * this.#timeoutMs
    );
  }

  /** The peer holds everything up to `index`. */
  matched(index: number): void {
    this.matchIndex = Math.max(this.matchIndex, index);
    this.nextIndex = Math.max(this.nextIndex, this.matchIndex + 1);
    this.check();
  }

  /** Look again for where the logs agree, from `nextIndex` down. */
  probe(nextIndex: number): void {
    this.#enter({ type: "probe" });
    this.nextIndex = Math.max(nextIndex, this.matchIndex + 1);
    this.check();
  }

  /** Checks what replication relies on. */
  check(): void {
    const { type } = this.mode;
    invariant(this.matchIndex < this.nextIndex, "figure 2: what a peer holds is not sent again");
    invariant(
      this.#inflightBytes >= 0 && (this.#inflight.size > 0 || this.#inflightBytes === 0),
      "the bytes in flight are those of the messages in flight",
    );
    invariant(type !== "probe" || this.#inflight.size <= 1, "§5.3 one probe is in flight to a peer");
    invariant(type !== "snapshot" || this.#inflight.size === 0, "§7 no entries are sent beside a snapshot");
    invariant(type === "snapshot" || this.#chunk === undefined, "§7 chunks are sent in mode snapshot alone");
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
    this.#chunk = undefined;
    this.#lostOffset = undefined;
    this.#busyUntilMs = Number.NEGATIVE_INFINITY;
    this.#heartbeatsAnswered = 0;
    for (const [request, sentMs] of this.#inflight) this.#givenUp.set(request, sentMs);
    this.#inflight.clear();
    this.#inflightBytes = 0;
    this.check();
  }

  /**
   * Counts a heartbeat that was answered, of those that left after the message did: of a peer that is no slower than
   * it was, these are the ones whose answers come in the second half of the patience.
   */
  #isLost(sentMs: number, patienceMs: number, nowMs: number): boolean {
    const waitedMs = nowMs - sentMs;
    if (waitedMs > patienceMs / 2) this.#heartbeatsAnswered++;
    return waitedMs >= patienceMs && this.#heartbeatsAnswered >= HEARTBEATS_OF_EVIDENCE;
  }

  #chunkPatienceMs(bytes: number): number {
    return this.pace.patienceMs(bytes, CHUNK_PATIENCE_TIMEOUTS * this.#timeoutMs);
  }

  #chunkLost({ request }: Chunk): void {
    this.#lostOffset = request.offset;
    this.#chunk = undefined;
  }

  #overdue(bytes: number, sentMs: number): void {
    this.pace.overdue(bytes, this.lastContactMs > sentMs);
  }

  #seen(bytes: number, sentMs: number, nowMs: number): Seen {
    invariant(nowMs >= sentMs, "an answer comes after its question");
    return { bytes, tookMs: nowMs - sentMs, silentMs: this.#longestSilenceMs(nowMs) };
  }

  #longestSilenceMs(nowMs: number): number {
    return Math.max(this.#silenceMs, nowMs - Math.max(this.#silenceFromMs, this.lastContactMs));
  }

  /** What is seen of the oldest message in flight is seen from here on. */
  #watchFrom(nowMs: number): void {
    this.#heartbeatsAnswered = 0;
    this.#silenceMs = 0;
    this.#silenceFromMs = nowMs;
  }

  #oldestSentMs(): number | undefined {
    for (const sentMs of this.#inflight.values()) return sentMs;
    return undefined;
  }
}
