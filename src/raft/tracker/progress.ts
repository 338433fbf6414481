import { invariant } from "../invariant-violation.ts";
import { sizeOfAll } from "../log/entry-size.ts";
import type { AppendEntries } from "../messages.ts";
import type { ChunkToSend } from "../ready.ts";
import type { ReplicaId, SnapshotMeta } from "../types.ts";
import { Pace, type Seen } from "./pace.ts";

/**
 * How a leader sends to one peer.
 * `probe`: it is not known where the logs agree. One message at a time finds out.
 * `replicate`: it is known. Entries are sent ahead, as far as the window allows.
 * `snapshot`: what the peer needs was compacted away. The snapshot is sent, chunk by chunk.
 */
export type ProgressMode =
  | { readonly type: "probe" }
  | { readonly type: "replicate" }
  | { readonly type: "snapshot"; readonly meta: SnapshotMeta; readonly offset: number };

/**
 * Lower bound of the patience for a chunk, in election timeouts: a chunk is written to disk before the reply, and the
 * last one is installed.
 */
const CHUNK_PATIENCE_TIMEOUTS = 2;

/** A few entries wait for the usual round trip divided by this until they join those in flight. */
const JOINS_PER_ROUND_TRIP = 4;

/** This many answered heartbeats, and no reply to what was sent before them, are evidence of a loss. */
const HEARTBEATS_OF_EVIDENCE = 2;

/** Lower bound of the deadline of a call, in election timeouts, because the peer's disk may be slow. */
const ENTRIES_DEADLINE_TIMEOUTS = 4;
const CHUNK_DEADLINE_TIMEOUTS = 16;

interface Chunk {
  readonly request: ChunkToSend["request"];
  readonly sentMs: number;
  readonly bytes: number;
  /** The chunk was sent before. The reply may belong to the first copy, so it does not show how long it took. */
  readonly again: boolean;
}

export interface ProgressOptions {
  readonly peer: ReplicaId;
  /** The first index to send: the one after the leader's last entry. */
  readonly nextIndex: number;
  readonly nowMs: number;
  /** The shortest election timeout, in ms. */
  readonly timeoutMs: number;
}

/**
 * What a leader knows of one peer (figure 2: volatile state on leaders). Created anew in each leadership.
 *
 * Invariant: matchIndex < nextIndex <= lastIndex + 1.
 */
export class Progress {
  readonly peer: ReplicaId;
  /** The highest index known to be durable at the peer. Never falls. */
  matchIndex = 0;
  /** The next index to send. Everything below was sent or is known to be at the peer. Unused in mode `snapshot`. */
  nextIndex: number;
  mode: ProgressMode = { type: "probe" };
  /** Time of the last reply of the peer, in ms. Set by `recordContact`. */
  lastContactMs: number;
  /**
   * The longest time without a reply since the oldest message in flight was sent, and the time since when it counts, in
   * ms.
   */
  #silenceMs = 0;
  #silenceFromMs: number;
  /**
   * The peer lacks what it acknowledged in this leadership: its storage went back in time. It gets heartbeats only and
   * counts for no commit. Never cleared.
   */
  lostAcknowledged = false;
  /** A probe or chunk had no reply, or one without progress. The next one waits for the heartbeat. */
  paused = false;
  readonly pace: Pace;
  /**
   * The AppendEntries with entries and the probes of the present mode that await their reply, each with the time when
   * it was sent, in ms.
   */
  readonly #inflight = new Map<AppendEntries, number>();
  /** Calls of earlier modes. Their replies may still come. */
  readonly #givenUp = new Map<AppendEntries, number>();
  /** Calls of an earlier progress of this peer. Their replies are ignored. */
  readonly #ignored = new Set<AppendEntries>();
  #inflightBytes = 0;
  /** In mode `snapshot`: the chunk that awaits its reply. */
  #chunk: Chunk | undefined;
  /** The offset of the last chunk that counted as lost. */
  #lostOffset: number | undefined;
  /** Answered heartbeats since half of the patience for the oldest message in flight was over. */
  #heartbeatsAnswered = 0;
  /** The peer is busy with a chunk, which is not sent again before this time, in ms. */
  #busyUntilMs = Number.NEGATIVE_INFINITY;
  /** Time of the last message with entries, probe or chunk, in ms. */
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

  /** The number of entries that were sent and have no reply. Only in mode `replicate`. */
  get unanswered(): number {
    return this.nextIndex - 1 - this.matchIndex;
  }

  /** Time from which another message may join those in flight even if it has few entries, in ms. */
  get joinAtMs(): number {
    return this.#lastSentMs + this.pace.usualMs / JOINS_PER_ROUND_TRIP;
  }

  get chunkInflight(): boolean {
    return this.#chunk !== undefined;
  }

  /** The peer replied. */
  recordContact(nowMs: number): void {
    invariant(nowMs >= this.lastContactMs, "time never falls");
    this.#silenceMs = this.#longestSilenceMs(nowMs);
    this.lastContactMs = nowMs;
  }

  /** This progress replaces an earlier one, because the peer lost its storage. Replies to earlier calls are ignored. */
  ignoreCallsOf(earlier: Progress): void {
    for (const calls of [earlier.#inflight.keys(), earlier.#givenUp.keys(), earlier.#ignored]) {
      for (const request of calls) this.#ignored.add(request);
    }
  }

  /** @returns the deadline of its call, in ms */
  sent(request: AppendEntries, nowMs: number): number {
    if (this.#inflight.size === 0) this.#watchFrom(nowMs);
    this.#inflight.set(request, nowMs);
    this.#inflightBytes += sizeOfAll(request.entries);
    this.#lastSentMs = nowMs;
    invariant(!this.lostAcknowledged, "a peer that lost acknowledged entries is sent only heartbeats");
    invariant(request.prevLogIndex === this.nextIndex - 1, "§5.3 entries are sent in order, without a gap");
    this.check();
    return this.pace.deadlineMs(this.#inflightBytes, ENTRIES_DEADLINE_TIMEOUTS * this.#timeoutMs);
  }

  /**
   * A call ended, with a reply or without.
   *
   * @returns the kind of the call; `ignored` if it was made before the peer lost its storage; undefined for a heartbeat,
   *   and for a call that has ended before
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

  /** Returns whether an earlier probe asked the same as the present one, so that its rejection answers both. */
  stillAsks({ prevLogIndex }: AppendEntries): boolean {
    return (
      this.mode.type === "probe" && prevLogIndex === this.nextIndex - 1 && prevLogIndex > this.matchIndex
    );
  }

  /** @returns the deadline of its call, in ms */
  chunkSent(request: ChunkToSend["request"], bytes: number, nowMs: number): number {
    const { mode } = this;
    invariant(mode.type === "snapshot" && request.offset === mode.offset, "§7 chunks are sent in order");
    invariant(this.#chunk === undefined, "§7 one chunk is in flight to a peer");
    this.#chunk = { request, sentMs: nowMs, bytes, again: request.offset === this.#lostOffset };
    this.#watchFrom(nowMs);
    this.#lastSentMs = nowMs;
    return this.pace.deadlineMs(bytes, CHUNK_DEADLINE_TIMEOUTS * this.#timeoutMs);
  }

  /** The chunk at `offset` has a reply. */
  chunkAnswered(offset: number, nowMs: number): void {
    const chunk = this.#chunk;
    if (chunk?.request.offset === offset && !chunk.again) {
      this.pace.answered(this.#seen(chunk.bytes, chunk.sentMs, nowMs));
    }
    this.#chunk = undefined;
  }

  /** The peer has received the chunk, but has not finished storing it. Its reply is still to come. */
  chunkBusy(nowMs: number): void {
    const chunk = this.#chunk;
    if (chunk === undefined) return;
    this.pace.overdue(chunk.bytes, true);
    this.#busyUntilMs = nowMs + this.#chunkPatienceMs(chunk.bytes);
    this.#chunkLost(chunk);
  }

  /**
   * The call of a chunk failed.
   *
   * @returns whether it was the one in flight, not an earlier one
   */
  chunkFailed(request: ChunkToSend["request"], nowMs: number): boolean {
    const chunk = this.#chunk;
    if (chunk?.request !== request) return false;
    if (nowMs - chunk.sentMs > this.#timeoutMs) this.#overdue(chunk.bytes, chunk.sentMs);
    this.#chunkLost(chunk);
    return true;
  }

  /**
   * A heartbeat has a reply. An earlier message without a reply counts as lost if more time has passed than its bytes
   * need, for example in a partition that has healed. It is sent again before its call ends.
   *
   * Neither sign is enough alone. On separate connections heartbeats overtake a long message; on one connection that
   * keeps order they wait behind it. And reads cause many heartbeats at once.
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

  /** Returns whether a message without a reply may be sent again. A peer without contact is tried seldom. */
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

  /** Probes again for where the logs agree, from `nextIndex` down. */
  probe(nextIndex: number): void {
    this.#enter({ type: "probe" });
    this.nextIndex = Math.max(nextIndex, this.matchIndex + 1);
    this.check();
  }

  /** Checks what replication relies on. */
  check(): void {
    const { type } = this.mode;
    invariant(this.matchIndex < this.nextIndex, "figure 2: entries that a peer holds are not sent again");
    invariant(
      this.#inflightBytes >= 0 && (this.#inflight.size > 0 || this.#inflightBytes === 0),
      "the bytes in flight are those of the messages in flight",
    );
    invariant(type !== "probe" || this.#inflight.size <= 1, "§5.3 one probe is in flight to a peer");
    invariant(type !== "snapshot" || this.#inflight.size === 0, "§7 no entries are sent beside a snapshot");
    invariant(type === "snapshot" || this.#chunk === undefined, "§7 chunks are sent only in mode snapshot");
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
   * Counts an answered heartbeat if it left after the message. If the peer is no slower than before, these are the ones
   * whose replies come in the second half of the patience.
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
    invariant(nowMs >= sentMs, "a reply comes after its request");
    return { bytes, tookMs: nowMs - sentMs, silentMs: this.#longestSilenceMs(nowMs) };
  }

  #longestSilenceMs(nowMs: number): number {
    return Math.max(this.#silenceMs, nowMs - Math.max(this.#silenceFromMs, this.lastContactMs));
  }

  /** Restarts the measurement for the oldest message in flight. */
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
