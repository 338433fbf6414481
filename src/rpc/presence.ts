import type { Sealing } from "./sealed/index.ts";

/** A question whether another process runs as this replica. */
export interface PresenceQuestion {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Whether an answer comes from another process. One without the right seal does not count. */
  readonly isAnswer: (answer: Uint8Array) => boolean;
}

/** Length of the number of an unsealed process, in bytes. */
const NUMBER_BYTES = 16;

/** Tells processes of one replica apart, on transports where several can listen for its calls. */
export interface Presence {
  /** A new question to all processes of this replica. */
  question(): PresenceQuestion;
  /** The answer to a question. Undefined if this process asked it, or none is due. */
  answer(question: Uint8Array): Uint8Array<ArrayBuffer> | undefined;
}

/**
 * With a seal the question is a hello and the answer a greeting; without, both are the random number of the process that
 * sends them.
 */
export class ProcessPresence implements Presence {
  readonly #sealing: Sealing | undefined;
  readonly #number = crypto.getRandomValues(new Uint8Array(NUMBER_BYTES));

  constructor(sealing: Sealing | undefined) {
    this.#sealing = sealing;
  }

  question(): PresenceQuestion {
    if (this.#sealing === undefined) return { bytes: this.#number, isAnswer: () => true };
    const { caller } = this.#sealing;
    const hello = caller.hello();
    return { bytes: hello.bytes, isAnswer: (answer) => caller.greetingIn(hello, answer) !== undefined };
  }

  answer(question: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
    if (this.#sealing !== undefined) return this.#sealing.greet(question);
    return question.every((byte, at) => byte === this.#number[at]) ? undefined : this.#number;
  }
}
