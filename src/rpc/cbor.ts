// Not "cbor-x": that loads a native addon if one is installed, which crashes Bun and Deno.
import { Decoder, setSizeLimits } from "cbor-x/decode";
import { Encoder } from "cbor-x/encode";
import { rpcLimits } from "./limits.ts";
import { MalformedMessage } from "./malformed-message.ts";
import { ByteParts, checkWireValue, type WireValue } from "./wire-value.ts";

// `checkWireValue` is stricter than these limits. They protect other code in the process that decodes with cbor-x.
setSizeLimits({ maxArraySize: rpcLimits.entries, maxMapSize: 1024, maxObjectSize: 1024 });

const options = { useRecords: false, tagUint8Array: false };
const encoder = new Encoder(options);
const decoder = new Decoder(options);

const emptyString = new Uint8Array();
/** Its encoded length, in bytes. */
const emptyStringBytes = 1;

/**
 * Encodes a value into a new buffer.
 *
 * @param value lists nest to a depth of 4
 * @example
 * ```ts
 * import { encodeWireValue } from "ruaft/rpc";
 *
 * const bytes = encodeWireValue([1, "a", Uint8Array.of(7)]);
 * console.log(bytes.length); // 6
 * ```
 */
export function encodeWireValue(value: WireValue): Uint8Array<ArrayBuffer> {
  const last = lastOf(value);
  if (!(last instanceof ByteParts)) return new Uint8Array(encoder.encode(value));
  // The encoder returns a view on a buffer that it reuses: this copies it.
  return withString(encoder.encode(endingWith(emptyString, value)), last);
}

/** The last item of a message: the last item of its last nested array. */
function lastOf(value: WireValue): WireValue {
  return Array.isArray(value) && value.length > 0 ? lastOf(value.at(-1)) : value;
}

/** A copy of a message with another last item. */
function endingWith(last: WireValue, value: WireValue): WireValue {
  return Array.isArray(value) ? [...value.slice(0, -1), endingWith(last, value.at(-1))] : last;
}

/** Replaces the empty string at the end of an encoded message by the parts. */
function withString(message: Uint8Array, { parts, length }: ByteParts): Uint8Array<ArrayBuffer> {
  const head = encodeHead(length);
  const start = message.length - emptyStringBytes;
  const bytes = new Uint8Array(start + head.length + length);
  bytes.set(message);
  bytes.set(head, start);
  let end = start + head.length;
  for (const part of parts) {
    bytes.set(part, end);
    end += part.length;
  }
  return bytes;
}

/** The head of a byte string (RFC 8949, §3): its major type, and its length in as few bytes as possible. */
function encodeHead(length: number): readonly number[] {
  if (length < 24) return [0x40 | length];
  if (length < 2 ** 8) return [0x58, length];
  if (length < 2 ** 16) return [0x59, length >>> 8, length & 0xff];
  return [0x5a, length >>> 24, (length >>> 16) & 0xff, (length >>> 8) & 0xff, length & 0xff];
}

/**
 * Decodes bytes from outside. Byte strings in the result are views on `bytes`.
 *
 * @param bytes a payload of at most `rpcLimits.payloadBytes`
 * @throws MalformedMessage if they are too long, or hold anything but one {@link WireValue}
 * @example
 * ```ts
 * import { decodeWireValue, encodeWireValue } from "ruaft/rpc";
 *
 * const bytes = encodeWireValue([1, "a", Uint8Array.of(7)]);
 * console.log(decodeWireValue(bytes)); // [ 1, 'a', Uint8Array(1) [ 7 ] ]
 * ```
 */
export function decodeWireValue(bytes: Uint8Array): WireValue {
  if (bytes.length > rpcLimits.payloadBytes) {
    throw new MalformedMessage(`payload: at most ${rpcLimits.payloadBytes} bytes, not ${bytes.length}`);
  }
  checkWireValue(bytes);
  try {
    // A new view: the decoder sets properties on its argument, and returns Buffers for a Buffer.
    return decoder.decode(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch (error) {
    throw new MalformedMessage("not readable as CBOR", { cause: error });
  }
}
