/** Length of a seal's tag, in bytes. */
export const TAG_BYTES = 16;

/** A sealed content: what goes on the wire after the head. */
export interface SealedContent {
  /** `TAG_BYTES` long. */
  readonly tag: Uint8Array;
  /** The content, or its ciphertext of the same length. */
  readonly content: Uint8Array;
}

/**
 * Proves that messages come from holders of a cluster's secret. Only the keys and their cryptography: `ruaft/rpc` arranges the
 * bytes, and refuses messages that come twice. It is on the way of every message, so it is synchronous.
 *
 * @example
 * ```ts
 * import { createHmac, randomInt } from "node:crypto";
 * import { replicaId, type Seal } from "ruaft";
 * import { LoopbackNetwork } from "ruaft/transports/loopback";
 *
 * // The smallest one: a single key, no encryption. `ruaft/adapters/seal` has the one that durio uses.
 * function sealOf(secret: string): Seal {
 *   const tagOf = (...parts: readonly Uint8Array[]): Uint8Array => {
 *     const hmac = createHmac("sha256", secret);
 *     for (const part of parts) hmac.update(part);
 *     return new Uint8Array(hmac.digest().subarray(0, 16));
 *   };
 *   return {
 *     newBoot: () => randomInt(1, 2 ** 47),
 *     keyNumber: 1,
 *     seal: (head, bound, content) => ({ tag: tagOf(head, bound, content), content }),
 *     open: (head, bound, { tag, content }) =>
 *       Buffer.compare(tag, tagOf(head, bound, content)) === 0 ? content : undefined,
 *   };
 * }
 *
 * const [n1, n2] = [replicaId("n1"), replicaId("n2")];
 * using network = new LoopbackNetwork({ clusterId: "example", seal: sealOf("a long random text") });
 * await network.transport(n2).serve("echo", async (_from, payload) => payload);
 * const reply = await network.transport(n1).call(n2, "echo", Uint8Array.of(7), AbortSignal.timeout(1000));
 * console.log(reply); // Uint8Array(1) [ 7 ]
 * ```
 */
export interface Seal {
  /** Draws the number of a process: random, 1 to 2^53 - 1. */
  newBoot(): number;
  /** Identifies the key that seals now, 0 to 255. It may change. It is in every head, so that `open` finds the key. */
  readonly keyNumber: number;
  /**
   * Seals a content. No two heads of a process are the same, so a nonce can be taken from the head.
   *
   * @param head `HEAD_BYTES` of `ruaft/rpc`: its byte 3 is `keyNumber`, bytes 4 to 11 the sender's boot, 12 to 19 the
   *   receiver's, 20 to 27 the number of the message
   * @param bound the tag of the request that this message replies to; empty for a request
   * @param content of any length
   */
  seal(head: Uint8Array, bound: Uint8Array, content: Uint8Array): SealedContent;
  /**
   * Opens what `seal` sealed.
   *
   * @returns the content; undefined if no key with the number in the head sealed exactly these bytes
   */
  open(head: Uint8Array, bound: Uint8Array, sealed: SealedContent): Uint8Array | undefined;
}
