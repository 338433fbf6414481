// Not "cbor-x": that loads a native addon where one is installed, and Bun and Deno die of it.
import { Decoder, setSizeLimits } from "cbor-x/decode";
import { Encoder } from "cbor-x/encode";
import { rpcLimits } from "./limits.ts";
import { MalformedMessage } from "./malformed-message.ts";
import { checkPlain, type Plain } from "./plain.ts";

// What `checkPlain` admits stays below these; they are for whatever else in the process decodes with cbor-x.
setSizeLimits({ maxArraySize: rpcLimits.entries, maxMapSize: 1024, maxObjectSize: 1024 });

const options = { useRecords: false, tagUint8Array: false };
const encoder = new Encoder(options);
const decoder = new Decoder(options);

/** Encodes into bytes of their own. */
export function encodePlain(value: Plain): Uint8Array<ArrayBuffer> {
  // The encoder returns a view on a buffer that it goes on using.
  return new Uint8Array(encoder.encode(value));
}

/**
 * Decodes bytes from outside. Byte strings in the result are views on `bytes`.
 *
 * @throws MalformedMessage where they are too long, or hold anything but one plain item
 */
export function decodePlain(bytes: Uint8Array): Plain {
  if (bytes.length > rpcLimits.messageBytes) {
    throw new MalformedMessage(`${bytes.length} bytes; a message has at most ${rpcLimits.messageBytes}`);
  }
  checkPlain(bytes);
  try {
    // A view of its own: a decoder leaves properties on what it is given, and a Buffer would beget Buffers.
    return decoder.decode(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch (error) {
    throw new MalformedMessage("not readable as CBOR", { cause: error });
  }
}
