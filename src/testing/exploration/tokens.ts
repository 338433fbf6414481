import { Interned } from "./interned.ts";
import type { LocalInput, ReplicaNumber, Token } from "./local-input.ts";
import type { LocalState, LocalStep } from "./local-states.ts";

const MAX_STEPS = 2 ** 26;

/** Numbers for messages in flight and pending calls. The effect of each is computed once. */
export class Tokens {
  readonly all: Interned<Token> = new Interned();
  readonly #inputs: Interned<LocalInput>;
  readonly #arrivals: number[] = [];
  readonly #requests: (readonly number[])[] = [];
  readonly #answers = new Map<number, number>();

  constructor(inputs: Interned<LocalInput>) {
    this.#inputs = inputs;
  }

  /** Returns the number of the input that a message is for its receiver. */
  arrival(token: number): number {
    const known = this.#arrivals[token];
    if (known !== undefined) return known;
    const input = this.#inputs.numberOf(arrivalOf(this.all.valueOf(token)));
    this.#arrivals[token] = input;
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

  /** Returns the token of a call after a step: a reply if the step answered it, otherwise the same token. */
  answered(token: number, replica: ReplicaNumber, step: LocalStep): number {
    if (step.sent.replies.length === 0) return token;
    const key = token * MAX_STEPS + step.number;
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    const answer = this.#answer(token, replica, step);
    this.#answers.set(key, answer);
    return answer;
  }

  #answer(number: number, replica: ReplicaNumber, { sent }: LocalStep): number {
    const token = this.all.valueOf(number);
    if (token.type !== "waiting" || token.to !== replica) return number;
    const answer = sent.replies.find(({ position }) => position === token.position);
    if (answer === undefined) return number;
    const { from, to, call, askedTerm } = token;
    return this.all.numberOf({ type: "reply", from: to, to: from, call, askedTerm, reply: answer.reply });
  }

  /**
   * Returns a token after a replica's crash: a message whose caller no longer waits, or nothing if the callee crashed.
   */
  afterCrash(number: number, replica: ReplicaNumber): number | undefined {
    const token = this.all.valueOf(number);
    if (token.type === "request") {
      return token.from === replica ? this.all.numberOf({ ...token, call: undefined }) : number;
    }
    const isGone = token.to === replica || (token.type === "waiting" && token.from === replica);
    return isGone ? undefined : number;
  }

  /** Returns whether a message can no longer change anything at its receiver. */
  isIdle(number: number, { replica, role, currentTerm, disk }: LocalState): boolean {
    const token = this.all.valueOf(number);
    if (token.to !== replica || token.type === "waiting") return false;
    if (token.type === "request") {
      // A crash may take the replica back to its durable term, but no further.
      return token.call === undefined && token.request.term < disk.hardState.currentTerm;
    }
    const asks = role === (token.reply.type === "requestVote" ? "candidate" : "leader");
    return !(asks && token.askedTerm === currentTerm) && token.reply.term <= currentTerm;
  }

  /** Returns whether a replica's call can still be answered. */
  isUnderWay(tokens: readonly number[], caller: ReplicaNumber, callee: ReplicaNumber, call: number): boolean {
    return tokens.some((number) => {
      const token = this.all.valueOf(number);
      const [from, to] = token.type === "reply" ? [token.to, token.from] : [token.from, token.to];
      return token.call === call && from === caller && to === callee;
    });
  }
}

function arrivalOf(token: Token): LocalInput {
  switch (token.type) {
    case "request":
      return { type: "request", from: token.from, request: token.request };
    case "reply":
      return { type: "reply", from: token.from, call: token.call, reply: token.reply };
    case "waiting":
      throw new TypeError("a call that waits does not arrive");
  }
}
