import { decodeRequests, kvServiceName } from "../../../kvraft/forwarding/index.ts";
import type { Seal } from "../../../ports/index.ts";
import type { ReplicaId } from "../../../raft/index.ts";
import {
  decodeCall,
  decodeHeader,
  encodeSealHead,
  joinSealed,
  SEAL_BYTES,
  type SealedFrame,
  type SealedKind,
  splitSealed,
} from "../../../rpc/index.ts";
import type { Machine } from "../machine.ts";
import { Violation } from "../monitor/index.ts";
import type { Fault } from "../plan/index.ts";
import { OUTSIDER, type RandomStream, type Scheduler, type Trace } from "../world/index.ts";
import { alteredFrame } from "./altered-frames.ts";
import { forgedMessage, type Knowledge } from "./forged-messages.ts";
import type { Interceptor } from "./interceptor.ts";
import { type ImageView, stateOf } from "./state-of.ts";

type Target = Machine<unknown, unknown>;

/** The cluster as seen by one who reaches its network. */
export interface OutsiderOptions {
  readonly clusterId: string;
  readonly machines: readonly Target[];
  /** Machines on copies of replicas' data. */
  readonly copies: () => Iterable<Target>;
  /** What is durable on a replica's machine. */
  readonly imageOf: (number: number) => ImageView;
  readonly interceptor: Interceptor;
  /** Of the cluster: only tells whether a message is a replica's own, late or repeated. */
  readonly seal: Seal;
  /** Of another secret. */
  readonly otherSeal: Seal;
  readonly scheduler: Scheduler;
  readonly trace: Trace;
  readonly random: RandomStream;
  readonly report: (violation: Violation) => void;
}

/** A message, and what it is, for the text of a violation. */
interface Sent {
  readonly bytes: Uint8Array;
  readonly what: string;
}

const nothing = new Uint8Array();
const kinds: readonly SealedKind[] = ["call", "call", "call", "hello", "greeting", "reply"];

/**
 * Sends messages without the secret, with all knowledge besides: names, state, and every byte that was ever sent. None of them
 * may change a replica, run a handler, or get an answer.
 */
export class Outsider {
  readonly #options: OutsiderOptions;

  constructor(options: OutsiderOptions) {
    this.#options = options;
  }

  /** Sends some messages within `forMs`, most of them to one machine, and replaces replies to that machine. */
  strike({ number }: Pick<Target, "number">, { forMs, amount }: Fault): true {
    const { scheduler, random, machines, copies, interceptor } = this.#options;
    interceptor.order(number, { forged: amount % 3, earlier: (amount >> 2) % 3 });
    for (let count = 2 + ((amount >> 4) % 6); count > 0; count--) {
      const targets = random.chance(700) ? machines.filter((one) => one.number === number) : machines;
      const target = random.pick([...targets, ...copies()]);
      const { processRun } = target;
      if (processRun === undefined) continue;
      scheduler.after(random.below(1 + 1000 * forMs), processRun, () => this.#send(target));
    }
    return true;
  }

  #send(target: Target): void {
    const { trace, imageOf, report, scheduler } = this.#options;
    const sent = this.#draw(target);
    const transport = target.processRun?.transport;
    if (sent === undefined || transport === undefined) return;
    const frame = splitSealed(sent.bytes);
    const isGenuine = frame !== undefined && this.#isGenuine(frame);
    // The network may be late with it, or may have lost it: then it may be taken.
    if (isGenuine && frame.kind === "call" && frame.receiver === transport.boot && !transport.received(frame))
      return;
    trace.record("deliver", target.number, [OUTSIDER, sent.bytes.length, 0], sent.what);
    const image = target.isCopy ? undefined : imageOf(target.number);
    const before = stateOf(target, image);
    const refusals = transport.sealing?.refused ?? 0;
    let isAnswered = false;
    void transport.handle(sent.bytes.slice()).then((answer) => {
      isAnswered = true;
      const mistake = mistakeIn({
        isGreeted: isGenuine && frame.kind === "hello",
        isUnchanged: stateOf(target, image) === before,
        refusals: (transport.sealing?.refused ?? 0) - refusals,
        answer,
      });
      if (mistake !== undefined) return report(violationOf(target.id, sent, mistake));
      if (answer.length === 0) trace.marks.add("a message without the secret refused");
      const isEarlier = isGenuine && frame.kind === "call" && frame.receiver !== transport.boot;
      if (isEarlier && sent.what === replayOf(target.number)) {
        trace.marks.add("a replay from before a restart refused at the seal");
      }
    });
    scheduler.after(0, undefined, () => {
      if (!isAnswered) report(violationOf(target.id, sent, "is not refused at once"));
    });
  }

  /** Whether a replica sealed exactly these bytes. */
  #isGenuine(frame: SealedFrame): boolean {
    return this.#options.seal.open(frame.head, nothing, frame) !== undefined;
  }

  #draw(target: Target): Sent | undefined {
    const { random, interceptor } = this.#options;
    const { sample } = interceptor;
    const carried = sample.pick();
    const other = sample.pick();
    if (carried === undefined || other === undefined) return undefined;
    switch (random.below(6)) {
      case 0:
        return { what: "unsealed", bytes: this.#message(target, carried.bytes) };
      case 1:
        return { what: "of another secret", bytes: this.#sealedByAnother(target, carried.bytes) };
      case 2:
        return { what: "the content of a sealed one", bytes: splitSealed(carried.bytes)?.content ?? nothing };
      case 3:
        return { what: "altered", bytes: alteredFrame(random, padded(carried.bytes), other.bytes) };
      default:
        return { what: replayOf(carried.to), bytes: carried.bytes };
    }
  }

  #message(target: Target, carried: Uint8Array): Uint8Array<ArrayBuffer> {
    const { random, machines, clusterId } = this.#options;
    const from = random.pick(machines);
    const { view, id: to } = target;
    return forgedMessage(random, { clusterId, from: from.id, to, view, ...contentOf(carried) });
  }

  /** With a right head: the boots of both processes, and a number that may come next. */
  #sealedByAnother(target: Target, carried: Uint8Array): Uint8Array {
    const { random, otherSeal } = this.#options;
    const kind = random.pick(kinds);
    const receiver = target.processRun?.transport?.boot ?? 0;
    const sequence = random.pick([random.between(1, 5000), Number.MAX_SAFE_INTEGER]);
    const sender = splitSealed(carried)?.sender ?? 1;
    const head = encodeSealHead({ kind, keyNumber: otherSeal.keyNumber, sender, receiver, sequence });
    const { tag, content } = otherSeal.seal(
      head,
      nothing,
      kind === "call" ? this.#message(target, carried) : nothing,
    );
    return joinSealed(head, tag, content);
  }
}

interface Outcome {
  /** Whether the message is a hello of a replica, which anyone can repeat. */
  readonly isGreeted: boolean;
  readonly isUnchanged: boolean;
  /** Increase of the counter. */
  readonly refusals: number;
  readonly answer: Uint8Array;
}

function mistakeIn({ isGreeted, isUnchanged, refusals, answer }: Outcome): string | undefined {
  if (!isUnchanged) return "changes its state, or reaches a handler";
  const { length } = answer;
  if (!isGreeted && length > 0) return `gets an answer of ${length} bytes`;
  if (!isGreeted && refusals !== 1) return "is not counted as refused";
  if (isGreeted && (splitSealed(answer)?.kind !== "greeting" || length !== SEAL_BYTES)) {
    return "is a hello, and gets another answer than a greeting";
  }
  return undefined;
}

function violationOf(id: ReplicaId, { what }: Sent, mistake: string): Violation {
  return new Violation("rule", `a message to ${id} from outside (${what}) ${mistake}`);
}

function replayOf(number: number): string {
  return `a replay of one to machine ${number}`;
}

/** What a sealed call tells everybody. */
function contentOf(carried: Uint8Array): Pick<Knowledge, "introduction" | "seen"> {
  const frame = splitSealed(carried);
  if (frame?.kind !== "call") return { introduction: nothing, seen: [] };
  const { header, payload } = decodeCall(frame.content.slice());
  const { introduction, service } = decodeHeader(header);
  return { introduction, seen: service === kvServiceName ? decodeRequests(payload) : [] };
}

function padded(bytes: Uint8Array): Uint8Array {
  return bytes.length === 0 ? new Uint8Array(SEAL_BYTES) : bytes;
}
