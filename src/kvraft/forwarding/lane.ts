import { type KvReply, type KvRequest, kvLimits } from "../../kv/index.ts";
import type { Clock } from "../../ports/index.ts";
import type { ReplicaId } from "../../raft/index.ts";
import type { KvReplies } from "./batch-codec.ts";
import { Forwarded } from "./forwarded.ts";
import type { KvService } from "./kv-service.ts";

/** Messages in flight beyond which requests wait, so that those that come meanwhile travel together. */
const MAX_UNDER_WAY = 4;

/**
 * Longest wait for company, in ms; then as many messages leave beside those in flight. It bounds what batching adds to
 * the latency, and assumes nothing about the leader: messages may take long because its disk is slow, or may be lost.
 */
const LONGEST_WAIT_MS = 20;

/** How much the requests of one message hold at most, in bytes; a larger one travels alone. */
const MAX_BATCH_BYTES = 256 << 10;

/** What a request takes in a message beside its key and value: five numbers and the code of its type. */
const REQUEST_OVERHEAD_BYTES = 48;

export interface LaneOptions {
  readonly service: KvService;
  /** What the transport carries, in bytes; undefined for its default. It may change. */
  readonly maxPayloadBytes: () => number | undefined;
  readonly clock: Clock;
}

/** The requests of one kind that go to one peer: those that come in one turn of the loop travel in one message. */
export class Lane {
  readonly #to: ReplicaId;
  readonly #service: KvService;
  readonly #maxPayloadBytes: () => number | undefined;
  readonly #clock: Clock;
  /** Those that have not left, in the order in which they came. */
  readonly #waiting = new Set<Forwarded>();
  #underWay = 0;
  #isScheduled = false;
  #cancelWait: (() => void) | undefined;

  constructor(to: ReplicaId, { service, maxPayloadBytes, clock }: LaneOptions) {
    this.#to = to;
    this.#service = service;
    this.#maxPayloadBytes = maxPayloadBytes;
    this.#clock = clock;
  }

  call(request: KvRequest, signal: AbortSignal): Promise<KvReply> {
    const forwarded = new Forwarded(this.#to, request, signal);
    this.#wait(forwarded);
    return forwarded.reply;
  }

  #wait(forwarded: Forwarded): void {
    if (forwarded.isOver) return;
    forwarded.onAbandoned = () => {
      this.#waiting.delete(forwarded);
      this.#schedule();
    };
    this.#waiting.add(forwarded);
    this.#schedule();
  }

  /** Sees to it that what waits leaves: in this turn if few messages are in flight, else after the longest wait. */
  #schedule(): void {
    if (this.#waiting.size === 0) {
      this.#cancelWait?.();
      this.#cancelWait = undefined;
    } else if (this.#underWay >= MAX_UNDER_WAY) {
      this.#cancelWait ??= this.#clock.setTimer(LONGEST_WAIT_MS, () => {
        this.#cancelWait = undefined;
        this.#sendSome(this.#underWay + MAX_UNDER_WAY);
      });
    } else if (!this.#isScheduled) {
      this.#isScheduled = true;
      this.#clock.defer(() => {
        this.#isScheduled = false;
        this.#sendSome(MAX_UNDER_WAY);
      });
    }
  }

  /** Sends what waits, until so many messages are in flight. */
  #sendSome(mostUnderWay: number): void {
    while (this.#underWay < mostUnderWay && this.#waiting.size > 0) void this.#send(this.#next());
    this.#schedule();
  }

  /** As many as one message may hold; one at least. */
  #next(): Forwarded[] {
    const limitBytes = Math.min(MAX_BATCH_BYTES, this.#maxPayloadBytes() ?? MAX_BATCH_BYTES);
    const batch: Forwarded[] = [];
    let bytes = 0;
    for (const forwarded of this.#waiting) {
      bytes += forwarded.goesAlone ? Number.POSITIVE_INFINITY : bytesOf(forwarded.request);
      if (batch.length > 0 && (bytes > limitBytes || batch.length === kvLimits.batchRequests)) break;
      this.#waiting.delete(forwarded);
      batch.push(forwarded);
    }
    return batch;
  }

  async #send(batch: readonly Forwarded[]): Promise<void> {
    this.#underWay++;
    try {
      const replies = await this.#ask(batch);
      for (const [at, forwarded] of batch.entries()) {
        const reply = replies[at];
        if (reply !== undefined) forwarded.resolve(reply);
        else this.#waitAlone(forwarded);
      }
    } catch (error) {
      for (const forwarded of batch) forwarded.reject(error);
    } finally {
      this.#underWay--;
      this.#schedule();
    }
  }

  #ask(batch: readonly Forwarded[]): Promise<KvReplies> {
    const requests = batch.map(({ request }) => request);
    return this.#service.call(this.#to, requests, whileAwaited(batch));
  }

  /** For whose reply the message had no room: the next one is for it alone. */
  #waitAlone(forwarded: Forwarded): void {
    forwarded.goesAlone = true;
    this.#wait(forwarded);
  }
}

/** A signal that ends when nobody waits for any of them any more. */
function whileAwaited(batch: readonly Forwarded[]): AbortSignal {
  const controller = new AbortController();
  let awaited = batch.length;
  for (const forwarded of batch) {
    forwarded.onAbandoned = () => {
      if (--awaited === 0) controller.abort();
    };
  }
  return controller.signal;
}

/** How much of a message a request takes; without end where no batch may hold it. */
function bytesOf(request: KvRequest): number {
  const key = "key" in request ? request.key.length : 0;
  const value = "value" in request ? request.value.length : 0;
  if (key > kvLimits.keyBytes || value > kvLimits.valueBytes) return Number.POSITIVE_INFINITY;
  return REQUEST_OVERHEAD_BYTES + key + value;
}
