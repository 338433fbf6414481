import { HEAD_BYTES, SEAL_BYTES } from "../../../rpc/index.ts";
import type { RandomStream } from "../world/index.ts";

/** Returns a message that was changed on its way: other bits, shorter, longer, or a part of another message. */
export function alteredFrame(random: RandomStream, bytes: Uint8Array, other: Uint8Array): Uint8Array {
  switch (random.below(6)) {
    case 0:
      return withFlippedBits(random, bytes, { from: 0, to: Math.min(HEAD_BYTES, bytes.length) });
    case 1:
      return withFlippedBits(random, bytes, { from: 0, to: bytes.length });
    case 2:
      return bytes.slice(0, random.below(bytes.length));
    case 3:
      return joined(
        bytes,
        Uint8Array.from({ length: random.between(1, 40) }, () => random.below(256)),
      );
    case 4:
      return joined(bytes.subarray(0, HEAD_BYTES), other.subarray(HEAD_BYTES));
    default:
      return joined(bytes.subarray(0, SEAL_BYTES), other.subarray(SEAL_BYTES));
  }
}

function withFlippedBits(
  random: RandomStream,
  bytes: Uint8Array,
  { from, to }: { readonly from: number; readonly to: number },
): Uint8Array {
  const altered = bytes.slice();
  for (let flips = random.between(1, 3); flips > 0; flips--) {
    const at = from + random.below(to - from);
    altered[at] = (altered[at] ?? 0) ^ (1 << random.below(8));
  }
  return altered;
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(one.length + other.length);
  bytes.set(one);
  bytes.set(other, one.length);
  return bytes;
}
