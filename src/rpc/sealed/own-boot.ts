import type { Seal } from "../../ports/index.ts";
import { invariant } from "../../raft/index.ts";
import { encodeSealHead, type SealHead } from "./frame.ts";

/** The number of this process, and the numbers of the messages that it seals. */
export class OwnBoot {
  readonly #seal: Seal;
  #boot: number;
  #lastSequence = 0;

  constructor(seal: Seal) {
    this.#seal = seal;
    this.#boot = drawn(seal);
  }

  /** Peers name it in each message, so that a message to an earlier process is not taken by this one. */
  get number(): number {
    return this.#boot;
  }

  /** Takes another number: every message on its way becomes void. */
  redraw(): void {
    this.#boot = drawn(this.#seal);
  }

  /** A head of a message of this process. No two are the same. */
  head({ kind, receiver }: Pick<SealHead, "kind" | "receiver">): Uint8Array {
    const sequence = ++this.#lastSequence;
    return encodeSealHead({ kind, keyNumber: this.#seal.keyNumber, sender: this.#boot, receiver, sequence });
  }
}

function drawn(seal: Seal): number {
  const boot = seal.newBoot();
  invariant(Number.isSafeInteger(boot) && boot >= 1, "a boot number is 1 to 2^53 - 1");
  return boot;
}
