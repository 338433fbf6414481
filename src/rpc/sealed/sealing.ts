import type { Seal, SealHealth } from "../../ports/index.ts";
import { OwnBoot } from "./own-boot.ts";
import { SealedCaller } from "./sealed-caller.ts";
import { type Received, SealedReceiver, type SealRefusal } from "./sealed-receiver.ts";

/** How an endpoint seals its messages. */
export interface SealOptions {
  /** Seals the messages to peers, and opens theirs. Default: none; every process that reaches the replica can call it. */
  readonly seal?: Seal | undefined;
  /**
   * `require` refuses messages without a seal. `accept` takes them, and sends such messages to peers without a seal, while
   * a cluster gets its first secret. Default: `require`.
   */
  readonly peerAuth?: "require" | "accept" | undefined;
  /** Gets every refused message. */
  readonly refused?: ((refusal: RefusedMessage) => void) | undefined;
}

/** A message that was refused before it was decoded. */
export interface RefusedMessage {
  /** See {@link SealRefusal}. */
  readonly reason: SealRefusal;
  /** The address that it came from, if the transport knows it. */
  readonly address: string | undefined;
}

/** The seals of an endpoint: those of its calls, and those of its peers' calls. */
export class Sealing {
  readonly caller: SealedCaller;
  readonly #seal: Seal;
  readonly #own: OwnBoot;
  readonly #receiver: SealedReceiver;
  readonly #options: SealOptions;
  #unsealed = 0;
  #refused = 0;

  constructor(seal: Seal, options: SealOptions) {
    this.#seal = seal;
    this.#options = options;
    this.#own = new OwnBoot(seal);
    this.caller = new SealedCaller(seal, this.#own, options.peerAuth === "accept");
    this.#receiver = new SealedReceiver(seal, this.#own);
  }

  health(): SealHealth {
    return { keyNumber: this.#seal.keyNumber, unsealed: this.#unsealed, refused: this.#refused };
  }

  /** Opens a request of a peer. @returns `unsealed` if it has no seal and is taken nevertheless */
  receive(bytes: Uint8Array, address: string | undefined): Received | { readonly type: "unsealed" } {
    const received = this.#receiver.receive(bytes);
    if (received.type !== "refused") return received;
    const { reason } = received;
    if (reason === "unsealed" && this.#options.peerAuth === "accept") {
      this.#unsealed++;
      return { type: "unsealed" };
    }
    this.#refused++;
    this.#options.refused?.({ reason, address });
    return received;
  }

  /** Answers a hello of another process. Undefined if the bytes are none, or this process sent them. */
  greet(bytes: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
    const received = this.#receiver.receive(bytes);
    return received.type === "hello" && received.sender !== this.#own.number ? received.greeting : undefined;
  }
}
