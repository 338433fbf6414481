import { decodeReply, splitSealed } from "../../../rpc/index.ts";
import type { Carried, RandomStream } from "../world/index.ts";

/** The newest messages, all of which are kept. */
const NEWEST = 64;

/** A sample of all messages since the start of the run. */
const SAMPLED = 512;

/** Processes count their calls from 1, so a reply to one of the first calls may seem to fit a later process. */
const FIRST_CALLS = 255;

/** A bounded sample of the messages that replicas have sent, those of earlier processes included. */
export class FrameSample {
  readonly #random: RandomStream;
  readonly #newest: Carried[] = [];
  readonly #sampled: Carried[] = [];
  /** The replies to the first calls of the first processes, by link and number of the call. */
  readonly #first = new Map<number, Carried>();
  #count = 0;

  constructor(random: RandomStream) {
    this.#random = random;
  }

  add(carried: Carried): void {
    this.#newest[this.#count % NEWEST] = carried;
    this.#count++;
    const at = this.#count <= SAMPLED ? this.#count - 1 : this.#random.below(this.#count);
    if (at < SAMPLED) this.#sampled[at] = carried;
    if (carried.leg === "reply") this.#addReply(carried);
  }

  /** Returns one of the messages, half of the time a new one. Undefined if there is none. */
  pick(): Carried | undefined {
    const from = this.#random.chance(500) ? this.#newest : this.#sampled;
    return from.length === 0 ? undefined : this.#random.pick(from);
  }

  /** Returns a reply over the same link to a call with the same number. */
  replyTo(from: number, to: number, callId: number): Carried | undefined {
    return this.#first.get(keyOf(from, to, callId));
  }

  #addReply(carried: Carried): void {
    const frame = splitSealed(carried.bytes);
    if (frame?.kind !== "reply") return;
    const { callId } = decodeReply(frame.content);
    if (callId > FIRST_CALLS) return;
    const key = keyOf(carried.from, carried.to, callId);
    if (!this.#first.has(key)) this.#first.set(key, carried);
  }
}

function keyOf(from: number, to: number, callId: number): number {
  return (from * 64 + to) * (FIRST_CALLS + 1) + Math.min(callId, FIRST_CALLS);
}
