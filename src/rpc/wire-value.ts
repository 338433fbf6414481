import { rpcLimits } from "./limits.ts";
import { MalformedMessage } from "./malformed-message.ts";

/** A payload in CBOR consists of these. */
export type WireValue = number | string | boolean | undefined | Uint8Array | ByteParts | readonly WireValue[];

/**
 * A byte string in parts, which are joined as the message is encoded. It must be the last item of a message.
 *
 * @example
 * ```ts
 * import { ByteParts, encodeWireValue } from "ruaft/rpc";
 *
 * const value = new ByteParts([Uint8Array.of(1, 2), Uint8Array.of(3)]);
 * console.log(value.length, encodeWireValue(["a", value]).length); // 3 7
 * ```
 */
export class ByteParts {
  /** In their order. */
  readonly parts: readonly Uint8Array[];
  /** Of all parts together, in bytes. */
  readonly length: number;

  /**
   * @param parts in their order; not copied
   */
  constructor(parts: readonly Uint8Array[]) {
    this.parts = parts;
    this.length = parts.reduce((sum, { length }) => sum + length, 0);
  }
}

/** Limit of nested lists. */
const maxDepth = 4;
const maxItems = 4 * rpcLimits.entries + 64;

const majorType = { unsigned: 0, bytes: 2, text: 3, array: 4, simple: 7 } as const;
const float64 = 27;
/** false, true and undefined. */
const simpleValues: readonly number[] = [20, 21, 23];

/**
 * Checks that bytes hold one CBOR item of type {@link WireValue} and nothing else. It runs before the decoder, which would
 * allocate what a header claims, follow references and build objects. Not allowed: maps, tags, negative integers, 64-bit
 * integers, null, indefinite lengths, lengths past the end, deep nesting.
 *
 * @throws MalformedMessage
 */
export function checkWireValue(bytes: Uint8Array): void {
  const end = new WireValueScanner(bytes).skipItem(0, 0);
  if (end !== bytes.length)
    throw new MalformedMessage(`${bytes.length - end} bytes after the end of the message`);
}

class WireValueScanner {
  readonly #bytes: Uint8Array;
  #items = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Returns the end of the item that starts at `start`. */
  skipItem(start: number, depth: number): number {
    this.#items++;
    if (this.#items > maxItems) throw new MalformedMessage(`at most ${maxItems} items`);
    const head = this.#bytes[start] ?? truncated();
    const info = head & 0x1f;
    const argumentBytes = info < 24 ? 0 : 1 << (info - 24);
    const next = start + 1 + argumentBytes;
    if (next > this.#bytes.length) truncated();

    switch (head >> 5) {
      case majorType.unsigned:
        if (info >= 27) unsupported(head);
        return next;
      case majorType.bytes:
      case majorType.text:
        return this.#within(next + this.#length(start));
      case majorType.array:
        return this.#skipItems(this.#length(start), next, depth + 1);
      case majorType.simple:
        if (info !== float64 && !simpleValues.includes(info)) unsupported(head);
        return next;
      default:
        return unsupported(head);
    }
  }

  #skipItems(count: number, start: number, depth: number): number {
    if (count > rpcLimits.entries) {
      throw new MalformedMessage(`list: at most ${rpcLimits.entries} items, not ${count}`);
    }
    if (depth > maxDepth) throw new MalformedMessage(`lists are nested at most ${maxDepth} levels deep`);
    this.#within(start + count);
    let at = start;
    for (let item = 0; item < count; item++) at = this.skipItem(at, depth);
    return at;
  }

  #within(end: number): number {
    return end > this.#bytes.length ? truncated() : end;
  }

  /** The length or count in the head of an item; four bytes at most. */
  #length(start: number): number {
    const head = this.#bytes[start] ?? truncated();
    const info = head & 0x1f;
    if (info < 24) return info;
    if (info > 26) return unsupported(head);
    let length = 0;
    for (let at = start + 1; at <= start + (1 << (info - 24)); at++) {
      length = length * 256 + (this.#bytes[at] ?? truncated());
    }
    return length;
  }
}

function truncated(): never {
  throw new MalformedMessage("the message ends too early");
}

function unsupported(head: number): never {
  throw new MalformedMessage(`an item of type 0x${head.toString(16)} is not allowed`);
}
