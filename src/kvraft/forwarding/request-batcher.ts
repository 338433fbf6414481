import { type KvReply, type KvRequest, kvLimits, registryLimits } from "../../kv/index.ts";
import type { Clock } from "../../ports/index.ts";
import { invariant, type ReplicaId } from "../../raft/index.ts";
import type { KvReplies } from "./batch-codec.ts";
import type { KvService } from "./kv-service.ts";
import { PendingRequest } from "./pending-request.ts";

/** Number of messages in flight from which on requests are queued, so that they share the next message. */
const MAX_IN_FLIGHT = 4;

/**
 * Limit of the delay by batching, in ms. After it, {@link MAX_IN_FLIGHT} more messages are sent, even if those in flight
 * have no reply: the leader's disk may be slow, or the messages may be lost.
 */
const MAX_BATCH_DELAY_MS = 20;

/** Limit of the requests in one message, in bytes. A larger request is sent unbatched. */
const MAX_BATCH_BYTES = 256 << 10;

/** Upper bound of a request without its key and value, in bytes: five numbers and the code of its type. */
const REQUEST_OVERHEAD_BYTES = 48;

/** Upper bound of a registration, in bytes. */
const REGISTRATION_BYTES =
  2 * REQUEST_OVERHEAD_BYTES +
  registryLimits.nameBytes +
  registryLimits.valueBytes +
  registryLimits.eventBytes;

export interface RequestBatcherOptions {
  readonly service: KvService;
  /** The transport's limit in bytes, which may change; undefined for the default. */
  readonly maxPayloadBytes: () => number | undefined;
  readonly clock: Clock;
}

/** The queue of one kind of requests to one peer. Requests that come in one turn of the event loop share a message. */
export class RequestBatcher {
  readonly #to: ReplicaId;
  readonly #service: KvService;
  readonly #maxPayloadBytes: () => number | undefined;
  readonly #clock: Clock;
  /** The requests that are not sent yet, in the order of their arrival. */
  readonly #queue = new Set<PendingRequest>();
  #inFlight = 0;
  #isScheduled = false;
  #cancelDelay: (() => void) | undefined;

  constructor(to: ReplicaId, { service, maxPayloadBytes, clock }: RequestBatcherOptions) {
    this.#to = to;
    this.#service = service;
    this.#maxPayloadBytes = maxPayloadBytes;
    this.#clock = clock;
  }

  call(request: KvRequest, signal: AbortSignal): Promise<KvReply> {
    const pending = new PendingRequest(this.#to, request, signal);
    this.#enqueue(pending);
    return pending.reply;
  }

  #enqueue(pending: PendingRequest): void {
    if (pending.isOver) return;
    pending.onAbandoned = () => {
      this.#queue.delete(pending);
      this.#schedule();
    };
    this.#queue.add(pending);
    this.#schedule();
  }

  /** Schedules the next messages: in this turn if few are in flight, otherwise after {@link MAX_BATCH_DELAY_MS}. */
  #schedule(): void {
    if (this.#queue.size === 0) {
      this.#cancelDelay?.();
      this.#cancelDelay = undefined;
    } else if (this.#inFlight >= MAX_IN_FLIGHT) {
      this.#cancelDelay ??= this.#clock.setTimer(MAX_BATCH_DELAY_MS, () => {
        this.#cancelDelay = undefined;
        this.#sendSome(this.#inFlight + MAX_IN_FLIGHT);
      });
    } else if (!this.#isScheduled) {
      this.#isScheduled = true;
      this.#clock.defer(() => {
        this.#isScheduled = false;
        this.#sendSome(MAX_IN_FLIGHT);
      });
    }
    invariant(
      this.#queue.size > 0
        ? this.#isScheduled || this.#cancelDelay !== undefined
        : this.#cancelDelay === undefined,
      "a queued request has a time at which it is sent",
    );
  }

  /** Sends queued requests, until `maxInFlight` messages are in flight. */
  #sendSome(maxInFlight: number): void {
    while (this.#inFlight < maxInFlight && this.#queue.size > 0) void this.#send(this.#nextBatch());
    this.#schedule();
  }

  /** Takes as many requests from the queue as one message may hold, at least one. */
  #nextBatch(): PendingRequest[] {
    const limitBytes = Math.min(MAX_BATCH_BYTES, this.#maxPayloadBytes() ?? MAX_BATCH_BYTES);
    const batch: PendingRequest[] = [];
    let bytes = 0;
    for (const pending of this.#queue) {
      bytes += pending.unbatched ? Number.POSITIVE_INFINITY : bytesOf(pending.request);
      if (batch.length > 0 && (bytes > limitBytes || batch.length === kvLimits.batchRequests)) break;
      invariant(!pending.isOver, "a request that ended before it was sent is never sent");
      this.#queue.delete(pending);
      batch.push(pending);
    }
    return batch;
  }

  async #send(batch: readonly PendingRequest[]): Promise<void> {
    invariant(batch.length > 0, "a message has a request");
    this.#inFlight++;
    try {
      const replies = await this.#call(batch);
      invariant(replies.length === batch.length, "each request of a message has a reply, in the same order");
      for (const [at, pending] of batch.entries()) {
        const reply = replies[at];
        if (reply !== undefined) pending.resolve(reply);
        else this.#retryUnbatched(pending);
      }
    } catch (error) {
      for (const pending of batch) pending.reject(error);
    } finally {
      this.#inFlight--;
      this.#schedule();
    }
  }

  #call(batch: readonly PendingRequest[]): Promise<KvReplies> {
    const requests = batch.map(({ request }) => request);
    return this.#service.call(this.#to, requests, signalOf(batch));
  }

  /** The reply did not fit into the message: the request is sent again, unbatched. */
  #retryUnbatched(pending: PendingRequest): void {
    invariant(!pending.unbatched, "the reply to a single request is never omitted");
    pending.unbatched = true;
    this.#enqueue(pending);
  }
}

/** A signal that ends when the waits for all requests of a batch have ended. */
function signalOf(batch: readonly PendingRequest[]): AbortSignal {
  const controller = new AbortController();
  let waits = batch.length;
  for (const pending of batch) {
    pending.onAbandoned = () => {
      if (--waits === 0) controller.abort();
    };
  }
  return controller.signal;
}

/** Upper bound of a request in a message, in bytes; infinite if it must be sent unbatched. */
function bytesOf(request: KvRequest): number {
  if (request.type === "kvRegister") return REGISTRATION_BYTES;
  const key = "key" in request ? request.key.length : 0;
  const value = "value" in request ? request.value.length : 0;
  if (key > kvLimits.keyBytes || value > kvLimits.valueBytes) return Number.POSITIVE_INFINITY;
  return REQUEST_OVERHEAD_BYTES + key + value;
}
