import type { Seal } from "../../ports/index.ts";
import { isSealed, joinSealed, type SealedFrame, splitSealed } from "./frame.ts";
import type { OwnBoot } from "./own-boot.ts";
import { ReplayWindow } from "./replay-window.ts";

/**
 * Why a message was refused before it was decoded. `unsealed`: it has no seal; `malformed`: it has not the form of a sealed
 * message; `forged`: none of the keys sealed it; `otherProcess`: it is for an earlier process of this replica; `replayed`: it
 * came before, or is older than the window.
 */
export type SealRefusal = "unsealed" | "malformed" | "forged" | "otherProcess" | "replayed";

/** What became of a message. */
export type Received =
  /** A call of a holder of the secret. `seal` seals the reply to it. */
  | {
      readonly type: "call";
      readonly content: Uint8Array;
      readonly seal: (reply: Uint8Array) => Uint8Array<ArrayBuffer>;
    }
  /** A hello of the process with the number `sender`, and what to send back. */
  | { readonly type: "hello"; readonly sender: number; readonly greeting: Uint8Array<ArrayBuffer> }
  | { readonly type: "refused"; readonly reason: SealRefusal };

/** Number of senders' processes that are remembered. */
const MAX_SENDERS = 1024;

const nothing = new Uint8Array();

/** Opens the requests of peers. Nothing of a request is decoded before its seal was found right. */
export class SealedReceiver {
  readonly #seal: Seal;
  readonly #own: OwnBoot;
  /** By the boot number of the sender's process. */
  readonly #windows = new Map<number, ReplayWindow>();

  constructor(seal: Seal, own: OwnBoot) {
    this.#seal = seal;
    this.#own = own;
  }

  receive(bytes: Uint8Array): Received {
    if (!isSealed(bytes)) return refused("unsealed");
    const frame = splitSealed(bytes);
    switch (frame?.kind) {
      case "call":
        return this.#call(frame);
      case "hello":
        return this.#hello(frame);
      default:
        return refused("malformed");
    }
  }

  /** What costs little is checked first: a sender that does not know the number of this process causes no cryptography. */
  #call(frame: SealedFrame): Received {
    if (frame.receiver !== this.#own.number) return refused("otherProcess");
    const window = this.#windows.get(frame.sender) ?? new ReplayWindow();
    if (!window.isNew(frame.sequence)) return refused("replayed");
    const content = this.#seal.open(frame.head, nothing, frame);
    if (content === undefined) return refused("forged");
    window.add(frame.sequence);
    this.#remember(frame.sender, window);
    return { type: "call", content, seal: (reply) => this.#sealed("reply", frame, reply) };
  }

  #hello(frame: SealedFrame): Received {
    if (frame.content.length > 0) return refused("malformed");
    if (this.#seal.open(frame.head, nothing, frame) === undefined) return refused("forged");
    return { type: "hello", sender: frame.sender, greeting: this.#sealed("greeting", frame, nothing) };
  }

  #sealed(kind: "reply" | "greeting", request: SealedFrame, content: Uint8Array): Uint8Array<ArrayBuffer> {
    const head = this.#own.head({ kind, receiver: request.sender });
    const sealed = this.#seal.seal(head, request.tag, content);
    return joinSealed(head, sealed.tag, sealed.content);
  }

  /** A window is never forgotten while its messages would be taken: with a new number, this process takes none of them. */
  #remember(sender: number, window: ReplayWindow): void {
    this.#windows.set(sender, window);
    if (this.#windows.size <= MAX_SENDERS) return;
    this.#windows.clear();
    this.#own.redraw();
  }
}

function refused(reason: SealRefusal): Received {
  return { type: "refused", reason };
}
