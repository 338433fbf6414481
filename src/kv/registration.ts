import { invariant } from "./invariant.ts";
import { type Registration, registryLimits } from "./registry.ts";
import { readUint53, UINT53_BYTES, writeUint53 } from "./uint53.ts";

/*
 * What a `register` command has behind its name. All numbers are big-endian.
 *
 *   flags (1 byte: 1 if there is a value, 2 if there is an expected revision), expected revision, length of the event
 *   (u32), event, value
 */
const HAS_VALUE = 1;
const HAS_EXPECTED = 2;
const EXPECTED_OFFSET = 1;
const EVENT_LENGTH_OFFSET = EXPECTED_OFFSET + UINT53_BYTES;
const EVENT_OFFSET = EVENT_LENGTH_OFFSET + 4;

const utf8 = new TextEncoder();
const utf8Decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Encodes the name of a registration.
 *
 * @throws RangeError if it is not 1 to 128 bytes of text
 */
export function encodeName(name: string): Uint8Array {
  const bytes = utf8.encode(name);
  // A lone surrogate has no encoding, and would be replaced.
  if (bytes.length >= 1 && bytes.length <= registryLimits.nameBytes && utf8Decoder.decode(bytes) === name) {
    return bytes;
  }
  throw new RangeError(
    `name: must be 1 to ${registryLimits.nameBytes} bytes of text, not ${JSON.stringify(name.slice(0, 200))}`,
  );
}

/** @throws Error if the bytes are not such a name */
export function decodeName(bytes: Uint8Array): string {
  if (bytes.length < 1 || bytes.length > registryLimits.nameBytes) {
    throw new Error(`malformed name: it has ${bytes.length} bytes, not 1 to ${registryLimits.nameBytes}`);
  }
  return utf8Decoder.decode(bytes);
}

/** @throws RangeError if the registration exceeds a limit */
export function checkRegistration({ name, value, expected, event }: Registration): void {
  encodeName(name);
  checkLength("value", value?.length ?? 0, registryLimits.valueBytes);
  checkLength("event", event.length, registryLimits.eventBytes);
  if (expected !== undefined && !(Number.isSafeInteger(expected) && expected >= 0)) {
    throw new RangeError(`expected: must be a revision or 0, not ${expected}`);
  }
}

function checkLength(argument: string, length: number, limit: number): void {
  if (length > limit) throw new RangeError(`${argument}: must be at most ${limit} bytes, not ${length}`);
}

/** @throws RangeError if the registration exceeds a limit */
export function encodeRegistration(registration: Registration): Uint8Array {
  checkRegistration(registration);
  const { value, expected, event } = registration;
  const valueOffset = EVENT_OFFSET + event.length;
  const bytes = new Uint8Array(valueOffset + (value?.length ?? 0));
  const view = new DataView(bytes.buffer);
  view.setUint8(0, (value === undefined ? 0 : HAS_VALUE) + (expected === undefined ? 0 : HAS_EXPECTED));
  writeUint53(view, EXPECTED_OFFSET, "expected", expected ?? 0);
  view.setUint32(EVENT_LENGTH_OFFSET, event.length);
  bytes.set(event, EVENT_OFFSET);
  if (value !== undefined) bytes.set(value, valueOffset);
  return bytes;
}

/** @throws Error if the bytes are not what {@link encodeRegistration} makes */
export function decodeRegistration(bytes: Uint8Array): Omit<Registration, "name"> {
  if (bytes.length < EVENT_OFFSET) throw malformed(`it needs at least ${EVENT_OFFSET} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const flags = view.getUint8(0);
  const expected = readUint53(view, EXPECTED_OFFSET, "expected");
  const eventBytes = view.getUint32(EVENT_LENGTH_OFFSET);
  const valueBytes = bytes.length - EVENT_OFFSET - eventBytes;
  if (flags > (HAS_VALUE | HAS_EXPECTED)) throw malformed(`it has the flags ${flags}`);
  if ((flags & HAS_EXPECTED) === 0 && expected !== 0) throw malformed("it has an expected revision or none");
  if (eventBytes > registryLimits.eventBytes || valueBytes < 0) throw malformed("its event is too long");
  const hasValue = (flags & HAS_VALUE) !== 0;
  if (valueBytes > (hasValue ? registryLimits.valueBytes : 0)) throw malformed("its value is too long");
  const valueOffset = EVENT_OFFSET + eventBytes;
  invariant(valueOffset + valueBytes === bytes.length, "a registration ends with its value");
  return {
    value: hasValue ? bytes.subarray(valueOffset) : undefined,
    expected: (flags & HAS_EXPECTED) === 0 ? undefined : expected,
    event: bytes.subarray(EVENT_OFFSET, valueOffset),
  };
}

function malformed(problem: string): Error {
  return new Error(`malformed registration: ${problem}`);
}
