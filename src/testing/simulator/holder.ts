import type { Seal } from "../../ports/index.ts";
import { encodeSealHead, joinSealed, type SealedKind, splitSealed } from "../../rpc/index.ts";

/** Delivers bytes at once. Undefined if no process is there. */
export type Deliver = (bytes: Uint8Array) => Promise<Uint8Array> | undefined;

const nothing = new Uint8Array();

/** A process with the cluster's secret that is not a replica: its messages get past the seal, with any content. */
export class Holder {
  readonly #seal: Seal | undefined;
  readonly #boot: number;
  #lastSequence = 0;

  /** @param seal undefined if messages have no seal */
  constructor(seal: Seal | undefined) {
    this.#seal = seal;
    this.#boot = seal?.newBoot() ?? 0;
  }

  /** Returns the message in a request of a replica. Undefined if it is none, but a hello. */
  read(request: Uint8Array): Uint8Array | undefined {
    if (this.#seal === undefined) return request;
    const frame = splitSealed(request);
    return frame?.kind === "call" ? frame.content : undefined;
  }

  /** Sends a message. Returns the reply; undefined if there is none, because the process or its address changes. */
  async call(message: Uint8Array, deliver: Deliver): Promise<Uint8Array | undefined> {
    if (this.#seal === undefined) return await deliver(message);
    const greeting = splitSealed((await deliver(this.#sealed("hello", 0, nothing))) ?? nothing);
    if (greeting === undefined) return undefined;
    return splitSealed((await deliver(this.#sealed("call", greeting.sender, message))) ?? nothing)?.content;
  }

  #sealed(kind: SealedKind, receiver: number, message: Uint8Array): Uint8Array {
    const { keyNumber = 0 } = this.#seal ?? {};
    const head = encodeSealHead({
      ...{ kind, keyNumber, receiver },
      ...{ sender: this.#boot, sequence: ++this.#lastSequence },
    });
    const sealed = this.#seal?.seal(head, nothing, message) ?? { tag: nothing, content: message };
    return joinSealed(head, sealed.tag, sealed.content);
  }
}
