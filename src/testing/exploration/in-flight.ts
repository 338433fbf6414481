import { Interned } from "./intern.ts";
import type { InFlight, LocalInput, ReplicaNumber } from "./local-input.ts";
import type { LocalState, LocalStep } from "./local-states.ts";

const MAX_STEPS = 2 ** 26;

/** Numbers for messages in flight and pending calls. The effect of each is computed once. */
export class InFlightTable {
  readonly all: Interned<InFlight> = new Interned();
  readonly #inputs: Interned<LocalInput>;
  readonly #arrivals: number[] = [];
  readonly #requests: (readonly number[])[] = [];
  readonly #answers = new Map<number, number>();

  constructor(inputs: Interned<LocalInput>) {
    this.#inputs = inputs;
  }

  /** Returns the number of the input that a message is for its receiver. */
  arrival(item: number): number {
    const known = this.#arrivals[item];
    if (known !== undefined) return known;
    const input = this.#inputs.numberOf(arrivalOf(this.all.valueOf(item)));
    this.#arrivals[item] = input;
    return input;
  }

  /** Returns the requests that a replica's step sends. */
  requests(replica: ReplicaNumber, { number, sent }: LocalStep): readonly number[] {
    const known = this.#requests[number];
    if (known !== undefined) return known;
    const requests = sent.requests.map(({ to, call, request }) =>
      this.all.numberOf({ type: "request", from: replica, to, call, request }),
    );
    this.#requests[number] = requests;
    return requests;
  }

  /** Returns the item of a call after a step: a reply if the step answered it, otherwise the same item. */
  answered(item: number, replica: ReplicaNumber, step: LocalStep): number {
    if (step.sent.replies.length === 0) return item;
    const key = item * MAX_STEPS + step.number;
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    const answer = this.#answer(item, replica, step);
    this.#answers.set(key, answer);
    return answer;
  }

  #answer(number: number, replica: ReplicaNumber, { sent }: LocalStep): number {
    const item = this.all.valueOf(number);
    if (item.type !== "waiting" || item.to !== replica) return number;
    const answer = sent.replies.find(({ position }) => position === item.position);
    if (answer === undefined) return number;
    const { from, to, call, askedTerm } = item;
    return this.all.numberOf({ type: "reply", from: to, to: from, call, askedTerm, reply: answer.reply });
  }

  /**
   * Returns a item after a replica's crash: a message whose caller no longer waits, or nothing if the callee crashed.
   */
  afterCrash(number: number, replica: ReplicaNumber): number | undefined {
    const item = this.all.valueOf(number);
    if (item.type === "request") {
      return item.from === replica ? this.all.numberOf({ ...item, call: undefined }) : number;
    }
    const isGone = item.to === replica || (item.type === "waiting" && item.from === replica);
    return isGone ? undefined : number;
  }

  /** Returns whether a message can no longer change anything at its receiver. */
  isIdle(number: number, { replica, role, currentTerm, disk }: LocalState): boolean {
    const item = this.all.valueOf(number);
    if (item.to !== replica || item.type === "waiting") return false;
    if (item.type === "request") {
      // A crash may take the replica back to its durable term, but no further.
      return item.call === undefined && item.request.term < disk.hardState.currentTerm;
    }
    const asks = role === (item.reply.type === "requestVote" ? "candidate" : "leader");
    return !(asks && item.askedTerm === currentTerm) && item.reply.term <= currentTerm;
  }

  /** Returns whether a replica's call can still be answered. */
  contains(inFlight: readonly number[], caller: ReplicaNumber, callee: ReplicaNumber, call: number): boolean {
    return inFlight.some((number) => {
      const item = this.all.valueOf(number);
      const [from, to] = item.type === "reply" ? [item.to, item.from] : [item.from, item.to];
      return item.call === call && from === caller && to === callee;
    });
  }
}

function arrivalOf(item: InFlight): LocalInput {
  switch (item.type) {
    case "request":
      return { type: "request", from: item.from, request: item.request };
    case "reply":
      return { type: "reply", from: item.from, call: item.call, reply: item.reply };
    case "waiting":
      throw new TypeError("a call that waits does not arrive");
  }
}
