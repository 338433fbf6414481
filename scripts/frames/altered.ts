import { HEAD_BYTES, SEAL_BYTES, splitSealed } from "../../src/rpc/index.ts";
import type { RandomStream } from "../../src/testing/simulator/index.ts";

/** Where the fields of a head begin: kind and key number have a byte each, the numbers eight. */
const bytesAt = [0, 1, 2, 3];
const numbersAt = [4, 12, 20];
const extremes = [0n, 1n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n];

const MAX_BYTES = 65_536;

/** Random bytes, drawn once: parts of it are random enough. */
export function randomBytes(random: RandomStream): Uint8Array {
  return Uint8Array.from({ length: 2 * MAX_BYTES }, () => random.below(256));
}

/** Returns a message that no replica has sent, made of two that replicas have sent, which differ. */
export function altered(
  random: RandomStream,
  [frame, other]: readonly [Uint8Array, Uint8Array],
  noise: Uint8Array,
): Uint8Array {
  const bytes = oneOf(random, [frame, other], noise);
  if (isDifferent(bytes, frame) && isDifferent(bytes, other)) return bytes;
  const flipped = bytes.slice();
  flipped[HEAD_BYTES] = (flipped[HEAD_BYTES] ?? 0) ^ 1;
  return flipped;
}

function oneOf(
  random: RandomStream,
  [frame, other]: readonly [Uint8Array, Uint8Array],
  noise: Uint8Array,
): Uint8Array {
  const someNoise = () => noise.subarray(random.below(MAX_BYTES)).subarray(0, 1 + random.below(200));
  switch (random.below(9)) {
    case 0:
      return flipped(random, frame, HEAD_BYTES);
    case 1:
      return flipped(random, frame, frame.length);
    case 2:
      return frame.slice(0, random.below(frame.length));
    case 3:
      return joined(frame, someNoise());
    case 4:
      return joined(frame.subarray(0, HEAD_BYTES), other.subarray(HEAD_BYTES));
    case 5:
      return joined(frame.subarray(0, SEAL_BYTES), other.subarray(SEAL_BYTES));
    case 6:
      return withExtremes(random, frame);
    case 7:
      // The message without its seal, or its ciphertext.
      return splitSealed(frame)?.content.slice() ?? frame;
    default:
      return random.chance(500) ? someNoise() : joined(frame.subarray(0, SEAL_BYTES), someNoise());
  }
}

function flipped(random: RandomStream, frame: Uint8Array, below: number): Uint8Array {
  const bytes = frame.slice();
  for (let flips = random.between(1, 4); flips > 0; flips--) {
    const at = random.below(below);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
  }
  return bytes;
}

function withExtremes(random: RandomStream, frame: Uint8Array): Uint8Array {
  const bytes = frame.slice();
  if (random.chance(400)) bytes[random.pick(bytesAt)] = random.below(256);
  else {
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    view.setBigUint64(random.pick(numbersAt), random.pick(extremes));
  }
  return bytes;
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(one.length + other.length);
  bytes.set(one);
  bytes.set(other, one.length);
  return bytes;
}

function isDifferent(one: Uint8Array, other: Uint8Array): boolean {
  return one.length !== other.length || one.some((byte, at) => byte !== other[at]);
}
