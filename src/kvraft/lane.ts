import { type KvReply, type KvRequest, kvLimits } from "../kv/index.ts";
import type { Clock, Transport } from "../ports/index.ts";
import type { ReplicaId } from "../raft/index.ts";
import { Forwarded } from "./forwarded.ts";

/** How many messages go on at a time; what comes meanwhile is the next one. Fewer would wait for each other. */
const MAX_UNDER_WAY = 4;

/** How long a message keeps others waiting, in ms. One that takes longer may be lost, or its receiver. */
const HOLDS_MS = 100;

/** How much the requests of one message hold at most, in bytes; a larger one travels alone. */
const MAX_BATCH_BYTES = 256 << 10;

/** What a request takes in a message beside its key and value: five numbers and the code of its type. */
const REQUEST_OVERHEAD_BYTES = 48;

export interface LaneOptions {
  readonly to: ReplicaId;
  readonly transport: Transport;
  readonly clock: Clock;
}

/** The requests of one kind that go to one peer: those that come in one turn of the loop travel in one message. */
export class Lane {
  readonly #to: ReplicaId;
  readonly #transport: Transport;
  readonly #clock: Clock;
  /** Those that have not left, in the order in which they came. */
  readonly #waiting = new Set<Forwarded>();
  #underWay = 0;
  #isScheduled = false;

  constructor({ to, transport, clock }: LaneOptions) {
    this.#to = to;
    this.#transport = transport;
    this.#clock = clock;
  }

  call(request: KvRequest, signal: AbortSignal): Promise<KvReply> {
    const forwarded = new Forwarded(this.#to, request, signal);
    this.#wait(forwarded);
    return forwarded.reply;
  }

  #wait(forwarded: Forwarded): void {
    if (forwarded.isOver) return;
    forwarded.onAbandoned = () => this.#waiting.delete(forwarded);
    this.#waiting.add(forwarded);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled || this.#underWay >= MAX_UNDER_WAY || this.#waiting.size === 0) return;
    this.#isScheduled = true;
    this.#clock.defer(() => {
      this.#isScheduled = false;
      while (this.#underWay < MAX_UNDER_WAY && this.#waiting.size > 0) void this.#send(this.#next());
    });
  }

  /** As many as one message may hold; one at least. */
  #next(): Forwarded[] {
    const limitBytes = Math.min(MAX_BATCH_BYTES, this.#transport.maxPayloadBytes ?? MAX_BATCH_BYTES);
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
    const leave = this.#enter();
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
      leave();
    }
  }

  /** Takes one of the places of those under way. The result gives it back. */
  #enter(): () => void {
    this.#underWay++;
    let holds = true;
    const release = () => {
      if (!holds) return;
      holds = false;
      this.#underWay--;
      this.#schedule();
    };
    const cancel = this.#clock.setTimer(HOLDS_MS, release);
    return () => {
      cancel();
      release();
    };
  }

  /** One that has no company goes as it is. */
  async #ask(batch: readonly Forwarded[]): Promise<readonly (KvReply | undefined)[]> {
    const signal = whileAwaited(batch);
    const requests = batch.map(({ request }) => request);
    const [first] = requests;
    if (first !== undefined && requests.length === 1) {
      return [await this.#transport.call(this.#to, first, signal)];
    }
    return (await this.#transport.call(this.#to, { type: "kvBatch", requests }, signal)).replies;
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
