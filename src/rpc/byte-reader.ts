import { isReplicaId, type ReplicaId } from "../raft/index.ts";
import { MalformedMessage } from "./malformed-message.ts";

/** Reads what a `ByteWriter` wrote. Every method throws MalformedMessage if the bytes don't fit it. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #name: string;
  #at: number;

  /**
   * @param name of the message, for errors
   * @param start where reading begins, in bytes
   */
  constructor(name: string, bytes: Uint8Array, start = 0) {
    this.#name = name;
    this.#bytes = bytes;
    this.#at = start;
  }

  /** The number of unread bytes. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  byte(): number {
    return this.#bytes[this.#at++] ?? this.#truncated();
  }

  /** A byte of flags. @param amount of flags; higher bits must be 0 */
  flags(amount: number): number {
    const flags = this.byte();
    if (flags >> amount !== 0) this.fail(`unknown flags: ${flags}`);
    return flags;
  }

  uint32(): number {
    const [a, b, c, d] = [this.byte(), this.byte(), this.byte(), this.byte()];
    return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
  }

  /** A safe integer from 0. @param field its name, for errors */
  count(field: string): number {
    const first = this.byte();
    return first < 0x80 ? first : this.#longCount(first - 0x80, field);
  }

  #longCount(lowest: number, field: string): number {
    let value = lowest;
    for (let unit = 0x80; unit <= 2 ** 49; unit *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) {
        if (Number.isSafeInteger(value)) return value;
        break;
      }
    }
    return this.fail(`${field}: larger than 2^53 - 1`);
  }

  /** A name such as a replica's id: 1 to 32 of a-z, 0-9 and "-". @param field its name, for errors */
  name(field: string): ReplicaId {
    const end = this.#at + 1 + this.byte();
    let name = "";
    while (this.#at < end) name += String.fromCharCode(this.byte());
    return isReplicaId(name) ? name : this.fail(`${field}: not 1 to 32 of a-z, 0-9 and "-"`);
  }

  /** A view on the next bytes. */
  view(length: number): Uint8Array {
    if (length > this.left) this.#truncated();
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** A copy of the next bytes. */
  copy(length: number): Uint8Array {
    if (length > this.left) this.#truncated();
    this.#at += length;
    return this.#bytes.slice(this.#at - length, this.#at);
  }

  /** A view on all unread bytes. */
  rest(): Uint8Array {
    return this.view(this.left);
  }

  /** Fails if unread bytes are left. */
  end(): void {
    if (this.left > 0) this.fail(`${this.left} bytes too many`);
  }

  fail(problem: string): never {
    throw new MalformedMessage(`${this.#name}: ${problem}`);
  }

  #truncated(): never {
    return this.fail("ends too early");
  }
}
