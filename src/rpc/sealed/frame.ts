import { TAG_BYTES } from "../../ports/index.ts";
import { useHeadSpace } from "../head-space.ts";

/** Length of the head of a sealed message, in bytes. */
export const HEAD_BYTES = 28;

/** What a seal adds to a message, in bytes. */
export const SEAL_BYTES: number = HEAD_BYTES + TAG_BYTES;

/** No message without a seal begins with it: that begins with its version. */
const MAGIC = 0xd2;
const VERSION = 1;

/**
 * `call` and `reply` carry a message. A `hello` asks for the boot number of a peer's process, and a `greeting` tells it; they
 * carry nothing.
 */
export type SealedKind = "call" | "reply" | "hello" | "greeting";

const kinds: readonly SealedKind[] = ["call", "reply", "hello", "greeting"];

/** The fields of a head. Boots and the sequence are 0 to 2^53 - 1. */
export interface SealHead {
  readonly kind: SealedKind;
  /** See `Seal.keyNumber`. */
  readonly keyNumber: number;
  /** The boot number of the process that sends. */
  readonly sender: number;
  /** The boot number of the process that it is for; 0 in a hello. */
  readonly receiver: number;
  /** The sender's number of this message. It never sends two with the same. */
  readonly sequence: number;
}

/** A sealed message as views on its bytes. Nothing of it is verified. */
export interface SealedFrame extends SealHead {
  readonly head: Uint8Array;
  readonly tag: Uint8Array;
  readonly content: Uint8Array;
}

/**
 * Writes a head: magic, version, kind and key number in a byte each, then boots and sequence as big-endian uint64.
 *
 * @example
 * ```ts
 * import { encodeSealHead } from "ruaft/rpc";
 *
 * const head = encodeSealHead({ kind: "hello", keyNumber: 1, sender: 5, receiver: 0, sequence: 1 });
 * console.log(head.length); // 28
 * ```
 */
export function encodeSealHead({ kind, keyNumber, sender, receiver, sequence }: SealHead): Uint8Array {
  const head = new Uint8Array(HEAD_BYTES);
  head[0] = MAGIC;
  head[1] = VERSION;
  head[2] = kinds.indexOf(kind);
  head[3] = keyNumber;
  const view = new DataView(head.buffer);
  [sender, receiver, sequence].forEach((number, turn) => {
    view.setUint32(4 + 8 * turn, Math.floor(number / 2 ** 32));
    view.setUint32(8 + 8 * turn, number % 2 ** 32);
  });
  return head;
}

/**
 * Joins the parts of a sealed message.
 *
 * @example
 * ```ts
 * import { encodeSealHead, joinSealed } from "ruaft/rpc";
 *
 * const head = encodeSealHead({ kind: "hello", keyNumber: 1, sender: 5, receiver: 0, sequence: 1 });
 * const message = joinSealed(head, new Uint8Array(16), Uint8Array.of(7));
 * console.log(message.length); // 45
 * ```
 */
export function joinSealed(head: Uint8Array, tag: Uint8Array, content: Uint8Array): Uint8Array<ArrayBuffer> {
  const around = useHeadSpace(content, SEAL_BYTES);
  const bytes = around ?? new Uint8Array(SEAL_BYTES + content.length);
  bytes.set(head);
  bytes.set(tag, HEAD_BYTES);
  if (around === undefined) bytes.set(content, SEAL_BYTES);
  return bytes;
}

/** Whether bytes claim to be a sealed message. */
export function isSealed(bytes: Uint8Array): boolean {
  return bytes[0] === MAGIC;
}

/**
 * Splits a sealed message. Undefined if bytes have not the form of one.
 *
 * @example
 * ```ts
 * import { encodeSealHead, joinSealed, splitSealed } from "ruaft/rpc";
 *
 * const head = encodeSealHead({ kind: "hello", keyNumber: 1, sender: 5, receiver: 0, sequence: 1 });
 * const message = joinSealed(head, new Uint8Array(16), Uint8Array.of(7));
 * console.log(splitSealed(message)?.content); // Uint8Array(1) [ 7 ]
 * ```
 */
export function splitSealed(bytes: Uint8Array): SealedFrame | undefined {
  if (bytes.length < SEAL_BYTES || bytes[0] !== MAGIC || bytes[1] !== VERSION) return undefined;
  const kind = kinds[bytes[2] ?? kinds.length];
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEAD_BYTES);
  const [sender, receiver, sequence] = [readCount(view, 4), readCount(view, 12), readCount(view, 20)];
  if (kind === undefined || sender < 1 || sequence < 1) return undefined;
  if (![sender, receiver, sequence].every(Number.isSafeInteger)) return undefined;
  return {
    kind,
    keyNumber: bytes[3] ?? 0,
    sender,
    receiver,
    sequence,
    head: bytes.subarray(0, HEAD_BYTES),
    tag: bytes.subarray(HEAD_BYTES, SEAL_BYTES),
    content: bytes.subarray(SEAL_BYTES),
  };
}

/** May be larger than a safe integer. */
function readCount(view: DataView, at: number): number {
  return view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4);
}
