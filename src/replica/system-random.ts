import type { Random } from "../ports/index.ts";

const drawn = new Uint32Array(2);

/** Cryptographically secure random numbers, by Web Crypto, which every runtime has. */
export const systemRandom: Random = () => {
  crypto.getRandomValues(drawn);
  const [high = 0, low = 0] = drawn;
  return ((high >>> 11) * 2 ** 32 + low) / 2 ** 53;
};
