// Not "cbor-x": that loads a native addon where one is installed, and Bun and Deno die of it.
import { Decoder, setSizeLimits } from "cbor-x/decode";
import { Encoder } from "cbor-x/encode";
import { rpcLimits } from "./limits.ts";
import { MalformedMessage } from "./malformed-message.ts";
import { ByteParts, checkPlain, type Plain } from "./plain.ts";

// What `checkPlain` admits stays below these; they are for whatever else in the process decodes with cbor-x.
setSizeLimits({ maxArraySize: rpcLimits.entries, maxMapSize: 1024, maxObjectSize: 1024 });

const options = { useRecords: false, tagUint8Array: false };
const encoder = new Encoder(options);
const decoder = new Decoder(options);

const emptyString = new Uint8Array();
/** What it takes in a message, in bytes. */
const emptyStringBytes = 1;

/** Encodes into bytes of their own. */
export function encodePlain(value: Plain): Uint8Array<ArrayBuffer> {
  const last = lastOf(value);
  if (!(last instanceof ByteParts)) return new Uint8Array(encoder.encode(value));
  // The encoder returns a view on a buffer that it goes on using.
  return withString(encoder.encode(endingWith(emptyString, value)), last);
}

/** The last item of a message, of its last array. */
function lastOf(value: Plain): Plain {
  return Array.isArray(value) && value.length > 0 ? lastOf(value.at(-1)) : value;
}

/** A message with another last item. */
function endingWith(last: Plain, value: Plain): Plain {
  return Array.isArray(value) ? [...value.slice(0, -1), endingWith(last, value.at(-1))] : last;
}

/** A message with parts in the place of the empty string that it ends with. */
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

/** What stands before the bytes of a string (RFC 8949, §3): its major type, and its length in as few bytes as hold it. */
function encodeHead(length: number): readonly number[] {
  if (length < 24) return [0x40 | length];
  if (length < 2 ** 8) return [0x58, length];
  if (length < 2 ** 16) return [0x59, length >>> 8, length & 0xff];
  return [0x5a, length >>> 24, (length >>> 16) & 0xff, (length >>> 8) & 0xff, length & 0xff];
}

/**
 * Decodes bytes from outside. Byte strings in the result are views on `bytes`.
 *
 * @throws MalformedMessage if they are too long, or hold anything but one plain item
 */
export function decodePlain(bytes: Uint8Array): Plain {
  if (bytes.length > rpcLimits.payloadBytes) {
    throw new MalformedMessage(`${bytes.length} bytes; a payload has at most ${rpcLimits.payloadBytes}`);
  }
  checkPlain(bytes);
  try {
    // A view of its own: a decoder leaves properties on what it is given, and a Buffer would beget Buffers.
    return decoder.decode(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch (error) {
    throw new MalformedMessage("not readable as CBOR", { cause: error });
  }
}
