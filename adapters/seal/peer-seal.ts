import { randomInt } from "node:crypto";
import type { Seal } from "../../src/ports/index.ts";
import { ENCRYPTED, PeerKey } from "./peer-key.ts";

/** The fewest characters that a secret may have. One of `durio secret new` has 56, with 256 random bits. */
export const MIN_SECRET_CHARACTERS = 32;

const keyNumberAt = 3;
const lowWord = 2 ** 32;
const highWord = 2 ** 21;

/** What makes a seal. */
export interface PeerSealOptions {
  /** The first one seals, all of them open. Each has at least {@link MIN_SECRET_CHARACTERS}, at random. */
  readonly secrets: readonly string[];
  /** The cluster's name. The same secret gives another cluster other keys. */
  readonly clusterId: string;
  /** Whether messages are encrypted too. Messages of both kinds are opened. Default: false */
  readonly encrypts?: boolean;
}

/** A {@link Seal} whose secrets can be replaced. */
export interface PeerSeal extends Seal {
  /**
   * Replaces the secrets: from the next message on, the first one seals, all of them open.
   *
   * @throws RangeError if there is no secret, or one is too short; the present ones stay
   */
  use(secrets: readonly string[]): void;
}

/**
 * The seal of a cluster's secret: HMAC-SHA256, or AES-256-GCM if it encrypts. For Bun, Node and Deno.
 *
 * A secret is changed in three steps, each on all replicas before the next: the new one behind the old, the new one first, the
 * old one removed.
 *
 * @throws RangeError if there is no secret, or one is too short
 * @example
 * ```ts
 * import { peerSeal } from "ruaft/adapters/seal";
 *
 * const seal = peerSeal({ secrets: ["a random text of at least 32 characters"], clusterId: "example" });
 * const head = new Uint8Array(28);
 * head[3] = seal.keyNumber;
 * const request = Uint8Array.of(7);
 * const sealed = seal.seal(head, new Uint8Array(0), request);
 * console.log(seal.open(head, new Uint8Array(0), sealed)); // Uint8Array(1) [ 7 ]
 * ```
 */
export function peerSeal({ secrets, clusterId, encrypts = false }: PeerSealOptions): PeerSeal {
  const kind = encrypts ? ENCRYPTED : 0;
  let [sealing, keys] = keysOf(secrets, clusterId);
  return {
    newBoot,
    get keyNumber() {
      return sealing.number | kind;
    },
    use(others) {
      [sealing, keys] = keysOf(others, clusterId);
    },
    seal(head, bound, content) {
      return encrypts ? sealing.encrypt(head, bound, content) : sealing.authenticate(head, bound, content);
    },
    open(head, bound, sealed) {
      const number = head[keyNumberAt] ?? 0;
      const isEncrypted = (number & ENCRYPTED) !== 0;
      for (const key of keys) {
        if (key.number !== (number & ~ENCRYPTED)) continue;
        if (isEncrypted) {
          const content = key.decrypt(head, bound, sealed);
          if (content !== undefined) return content;
        } else if (key.isAuthentic(head, bound, sealed)) return sealed.content;
      }
      return undefined;
    },
  };
}

/** 53 random bits, except zero. */
function newBoot(): number {
  const boot = randomInt(highWord) * lowWord + randomInt(lowWord);
  return boot === 0 ? newBoot() : boot;
}

function keysOf(secrets: readonly string[], clusterId: string): [sealing: PeerKey, all: readonly PeerKey[]] {
  const short = secrets.findIndex((secret) => secret.length < MIN_SECRET_CHARACTERS);
  // The message says which, never what: it ends up in logs.
  if (short >= 0) {
    throw new RangeError(
      `secrets[${short}] has ${secrets[short]?.length} characters, and needs at least ${MIN_SECRET_CHARACTERS}`,
    );
  }
  const keys = secrets.map((secret) => new PeerKey(secret, clusterId));
  const [sealing] = keys;
  if (sealing === undefined) throw new RangeError("secrets is empty, and needs at least one secret");
  return [sealing, keys];
}
