import { createCipheriv, createDecipheriv, hkdfSync, timingSafeEqual } from "node:crypto";
import { type SealedContent, TAG_BYTES } from "../../src/ports/index.ts";
import { hmacSha256 } from "./hmac.ts";

/** Bit of a key number that says that the content is encrypted. The other seven are the key's. */
export const ENCRYPTED = 0x80;

const keyBytes = 32;
const cipher = "aes-256-gcm";
/** The two boots of a head, and the number of the message after them. */
const boots = [4, 20] as const;
const sequence = [20, 28] as const;
const nonceBytes = 12;
/** Pairs of boots whose subkeys are kept: each peer has two, and a few more after restarts. */
const mostSubkeys = 64;

const utf8 = new TextEncoder();
const purpose = utf8.encode("encrypt");

/** The key that one secret gives one cluster. */
export class PeerKey {
  /** Identifies the key in a head: 0 to 127. Two keys can have the same one. */
  readonly number: number;
  readonly #hmac;
  /** By the text of the two boots; the least recently made one is removed first. */
  readonly #subkeys = new Map<string, Uint8Array>();

  constructor(secret: string, clusterId: string) {
    this.#hmac = hmacSha256(new Uint8Array(hkdfSync("sha256", secret, clusterId, "ruaft peer v1", keyBytes)));
    const [byte = 0] = this.#hmac(utf8.encode("number"));
    this.number = byte & ~ENCRYPTED;
  }

  authenticate(head: Uint8Array, bound: Uint8Array, content: Uint8Array): SealedContent {
    return { tag: this.#tag(head, bound, content), content };
  }

  /** Returns whether this key authenticated exactly these bytes. */
  isAuthentic(head: Uint8Array, bound: Uint8Array, { tag, content }: SealedContent): boolean {
    return tag.length === TAG_BYTES && timingSafeEqual(tag, this.#tag(head, bound, content));
  }

  encrypt(head: Uint8Array, bound: Uint8Array, content: Uint8Array): SealedContent {
    const pair = pairOf(head);
    const subkey = this.#subkeys.get(pair) ?? this.#keep(pair, this.#subkey(head));
    const encryption = createCipheriv(cipher, subkey, nonceOf(head));
    encryption.setAAD(joined(head, bound));
    const encrypted = encryption.update(content);
    encryption.final();
    return { tag: encryption.getAuthTag(), content: encrypted };
  }

  /** Returns the content; undefined if this key did not encrypt exactly these bytes. */
  decrypt(head: Uint8Array, bound: Uint8Array, { tag, content }: SealedContent): Uint8Array | undefined {
    // A shorter tag would be accepted, and be easier to guess.
    if (tag.length !== TAG_BYTES) return undefined;
    const pair = pairOf(head);
    const kept = this.#subkeys.get(pair);
    const subkey = kept ?? this.#subkey(head);
    const decryption = createDecipheriv(cipher, subkey, nonceOf(head), { authTagLength: TAG_BYTES });
    decryption.setAAD(joined(head, bound));
    decryption.setAuthTag(tag);
    const decrypted = decryption.update(content);
    try {
      decryption.final();
    } catch {
      return undefined;
    }
    // Only now: forged boots must not push out those of peers.
    if (kept === undefined) this.#keep(pair, subkey);
    return decrypted;
  }

  #tag(head: Uint8Array, bound: Uint8Array, content: Uint8Array): Uint8Array {
    return this.#hmac(head, bound, content).subarray(0, TAG_BYTES);
  }

  /** A key for each direction between two processes: the number of the message is then a nonce that never repeats. */
  #subkey(head: Uint8Array): Uint8Array {
    return this.#hmac(purpose, head.subarray(...boots));
  }

  #keep(pair: string, subkey: Uint8Array): Uint8Array {
    const [oldest] = this.#subkeys.keys();
    if (this.#subkeys.size >= mostSubkeys && oldest !== undefined) this.#subkeys.delete(oldest);
    this.#subkeys.set(pair, subkey);
    return subkey;
  }
}

function pairOf(head: Uint8Array): string {
  const numbers = new DataView(head.buffer, head.byteOffset, head.length);
  return `${numbers.getUint32(4)} ${numbers.getUint32(8)} ${numbers.getUint32(12)} ${numbers.getUint32(16)}`;
}

function nonceOf(head: Uint8Array): Uint8Array {
  const nonce = new Uint8Array(nonceBytes);
  nonce.set(head.subarray(...sequence), nonceBytes - (sequence[1] - sequence[0]));
  return nonce;
}

function joined(head: Uint8Array, bound: Uint8Array): Uint8Array {
  const both = new Uint8Array(head.length + bound.length);
  both.set(head);
  both.set(bound, head.length);
  return both;
}
