import { ByteParts, decodeWireValue, encodeWireValue, MalformedMessage } from "../../rpc/index.ts";

/**
 * A list of messages in columns, in CBOR: the codes of their types, their numbers in turn, and all their bytes in one string,
 * whose lengths are among the numbers.
 *
 * In columns, because cbor-x gives each byte string that it encodes an ArrayBuffer of its own.
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
    this.#numbers.push(number);
    return this;
  }

  bytes(bytes: Uint8Array): this {
    this.#numbers.push(bytes.length);
    this.#pieces.push(bytes);
    return this;
  }

  encoded(): Uint8Array {
    return encodeWireValue([this.#codes, this.#numbers, new ByteParts(this.#pieces)]);
  }
}

/** Reads what a {@link ColumnWriter} wrote; every method throws MalformedMessage. */
export class ColumnReader {
  readonly codes: readonly unknown[];
  readonly #name: string;
  readonly #numbers: readonly unknown[];
  readonly #data: Uint8Array;
  #nextNumber = 0;
  #start = 0;

  /**
   * @param name what the list is called in errors
   * @param max how many messages it has at most; at least it has one
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
    throw new MalformedMessage(`${this.#name}: number ${this.#nextNumber} is none that counts from 0`);
  }

  /** Bytes of their own. */
  bytes(maxBytes: number): Uint8Array {
    const length = this.number();
    if (length > maxBytes || length > this.#data.length - this.#start) {
      throw new MalformedMessage(
        `${this.#name}: ${length} bytes are more than there are, or than ${maxBytes}`,
      );
    }
    this.#start += length;
    return this.#data.slice(this.#start - length, this.#start);
  }

  unknownCode(): never {
    throw new MalformedMessage(`${this.#name}: a message of no type that there is`);
  }

  /** To be called when all was read. */
  end(): void {
    if (this.#nextNumber === this.#numbers.length && this.#start === this.#data.length) return;
    throw new MalformedMessage(`${this.#name}: numbers or data that belong to no message`);
  }
}
