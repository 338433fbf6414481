import { invariant } from "../../raft/index.ts";
import { ByteParts, decodeWireValue, encodeWireValue, MalformedMessage } from "../../rpc/index.ts";

/**
 * Encodes a list of messages as three columns in CBOR: the codes of their types, all their numbers, and all their bytes in
 * one byte string. The lengths of the parts of that string are among the numbers.
 *
 * In columns, because cbor-x allocates an ArrayBuffer for each byte string.
 */
export class ColumnWriter {
  readonly #codes: number[] = [];
  readonly #numbers: number[] = [];
  readonly #pieces: Uint8Array[] = [];

  code(code: number): this {
    this.#codes.push(code);
    return this;
  }

  number(number: number): this {
    invariant(Number.isSafeInteger(number) && number >= 0, "only numbers that the receiver accepts are sent");
    this.#numbers.push(number);
    return this;
  }

  bytes(bytes: Uint8Array): this {
    this.#numbers.push(bytes.length);
    this.#pieces.push(bytes);
    return this;
  }

  encoded(): Uint8Array {
    invariant(this.#codes.length > 0, "columns hold a message");
    return encodeWireValue([this.#codes, this.#numbers, new ByteParts(this.#pieces)]);
  }
}

/** Decodes what a {@link ColumnWriter} encoded. Every method throws MalformedMessage if that fails. */
export class ColumnReader {
  readonly codes: readonly unknown[];
  readonly #name: string;
  readonly #numbers: readonly unknown[];
  readonly #data: Uint8Array;
  #nextNumber = 0;
  #start = 0;

  /**
   * @param name of the list, for errors
   * @param max limit of the number of messages; the least is 1
   */
  constructor(name: string, payload: Uint8Array, max: number) {
    const plain = decodeWireValue(payload);
    const [codes, numbers, data] = Array.isArray(plain) && plain.length === 3 ? plain : [];
    const isList = Array.isArray(codes) && Array.isArray(numbers);
    if (!isList || !(data instanceof Uint8Array) || codes.length === 0 || codes.length > max) {
      throw new MalformedMessage(`${name}: not columns of 1 to ${max} messages`);
    }
    this.#name = name;
    this.codes = codes;
    this.#numbers = numbers;
    this.#data = data;
  }

  /** An integer from 0. */
  number(): number {
    const number = this.#numbers[this.#nextNumber++];
    if (typeof number === "number" && Number.isSafeInteger(number) && number >= 0) return number;
    throw new MalformedMessage(`${this.#name}: number ${this.#nextNumber} must be a safe integer from 0`);
  }

  /** Whether an optional part follows. */
  flag(): boolean {
    const flag = this.number();
    if (flag <= 1) return flag === 1;
    throw new MalformedMessage(`${this.#name}: number ${this.#nextNumber} must be 0 or 1`);
  }

  /** A copy of the next bytes. */
  bytes(maxBytes: number): Uint8Array {
    const length = this.number();
    if (length > maxBytes || length > this.#data.length - this.#start) {
      throw new MalformedMessage(
        `${this.#name}: ${length} bytes exceed the limit of ${maxBytes}, or the message`,
      );
    }
    this.#start += length;
    return this.#data.slice(this.#start - length, this.#start);
  }

  unknownCode(): never {
    throw new MalformedMessage(`${this.#name}: unknown type of message`);
  }

  /** Fails if unread numbers or bytes are left. */
  end(): void {
    if (this.#nextNumber === this.#numbers.length && this.#start === this.#data.length) return;
    throw new MalformedMessage(`${this.#name}: too many numbers or bytes`);
  }
}
