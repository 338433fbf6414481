import type { Seal } from "../../../ports/index.ts";
import {
  decodeCall,
  encodeReply,
  encodeSealHead,
  joinSealed,
  type SealedFrame,
  splitSealed,
} from "../../../rpc/index.ts";
import type { Answered, Carried, RandomStream, Tap } from "../world/index.ts";
import { alteredFrame } from "./altered-frames.ts";
import { FrameSample } from "./frame-sample.ts";

const nothing = new Uint8Array();

/** What to replace of the replies to a machine. */
interface Order {
  /** The number of replies that are forged, from the next one on. */
  forged: number;
  /** The number of replies that a reply to an earlier process replaces, as soon as one seems to fit. */
  earlier: number;
}

export interface InterceptorOptions {
  readonly random: RandomStream;
  /** Of the cluster. */
  readonly seal: Seal;
  /** Of another secret. */
  readonly otherSeal: Seal;
}

/** Someone on the network without the secret: sees all messages, keeps some, and replaces replies. */
export class Interceptor implements Tap {
  readonly sample: FrameSample;
  readonly #random: RandomStream;
  /** Of the cluster: only tells whether a reply is a replica's own to this request, late or repeated. */
  readonly #seal: Seal;
  readonly #otherSeal: Seal;
  /** By the number of the caller's machine. */
  readonly #orders = new Map<number, Order>();
  readonly #forged = new WeakSet<Uint8Array>();

  constructor({ random, seal, otherSeal }: InterceptorOptions) {
    this.#random = random;
    this.#seal = seal;
    this.#otherSeal = otherSeal;
    this.sample = new FrameSample(random.fork("sample"));
  }

  carried(carried: Carried): void {
    this.sample.add(carried);
  }

  /** Replaces some of the next replies to a machine. */
  order(machine: number, order: Order): void {
    this.#orders.set(machine, { ...order });
  }

  /** Whether a replica must refuse this answer to its request. */
  isForged(answer: Uint8Array): boolean {
    return this.#forged.has(answer);
  }

  /** Returns what the caller gets. */
  answered({ from, to, request, reply }: Answered): Uint8Array {
    const order = this.#orders.get(to);
    const frame = order && splitSealed(request);
    if (order === undefined || frame === undefined) return reply;
    const earlier = order.earlier > 0 ? this.#earlierReply(from, to, frame) : undefined;
    if (earlier !== undefined && !isSame(earlier, reply)) {
      order.earlier--;
      return this.#given(frame, earlier);
    }
    if (order.forged <= 0) return reply;
    order.forged--;
    const forged = this.#forgedReply(frame, reply);
    return isSame(forged, reply) ? reply : this.#given(frame, forged);
  }

  /** An empty answer is no forgery: a caller asks again. */
  #given({ tag }: SealedFrame, bytes: Uint8Array): Uint8Array {
    const answer = bytes.slice();
    const frame = splitSealed(answer);
    const isGenuine = frame !== undefined && this.#seal.open(frame.head, tag, frame) !== undefined;
    if (!isGenuine && answer.length > 0) this.#forged.add(answer);
    return answer;
  }

  #earlierReply(from: number, to: number, { kind, content }: SealedFrame): Uint8Array | undefined {
    return kind === "call"
      ? this.sample.replyTo(from, to, decodeCall(content.slice()).callId)?.bytes
      : undefined;
  }

  #forgedReply(request: SealedFrame, reply: Uint8Array): Uint8Array {
    const random = this.#random;
    const other = this.sample.pick()?.bytes ?? nothing;
    const content = splitSealed(reply)?.content ?? nothing;
    switch (random.below(6)) {
      case 0:
        return content;
      case 1:
        return this.#sealedByAnother(request, content);
      case 2:
        return other;
      case 3:
        return nothing;
      case 4:
        return encodeReply({ status: "ok", callId: 1, introduction: nothing, content: Uint8Array.of(1) });
      default:
        return reply.length === 0 ? other : alteredFrame(random, reply, other);
    }
  }

  #sealedByAnother({ kind, sender, receiver, tag }: SealedFrame, content: Uint8Array): Uint8Array {
    const { keyNumber } = this.#otherSeal;
    const answers = kind === "hello" ? "greeting" : "reply";
    const process = receiver === 0 ? this.#otherSeal.newBoot() : receiver;
    const sequence = this.#random.between(1, 1000);
    const head = encodeSealHead({ kind: answers, keyNumber, sender: process, receiver: sender, sequence });
    const sealed = this.#otherSeal.seal(head, tag, content);
    return joinSealed(head, sealed.tag, sealed.content);
  }
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}
