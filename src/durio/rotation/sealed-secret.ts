import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from "node:crypto";

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
const FINGERPRINT_DIGITS = 8;

/** Encrypts a new secret under an old one, so that the registry, the log and snapshots hold only the ciphertext. */
export function sealSecret(added: string, old: string, clusterId: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", keyOf(old, clusterId), nonce);
  const content = Buffer.concat([cipher.update(added, "utf8"), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), content]).toString("base64url");
}

/** Decrypts a secret. Undefined if it was not encrypted under one of these. */
export function openSecret(
  sealed: string,
  secrets: readonly string[],
  clusterId: string,
): string | undefined {
  const bytes = Buffer.from(sealed, "base64url");
  for (const secret of secrets) {
    const decipher = createDecipheriv(
      "aes-256-gcm",
      keyOf(secret, clusterId),
      bytes.subarray(0, NONCE_BYTES),
    );
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    try {
      const content = bytes.subarray(NONCE_BYTES + TAG_BYTES);
      return Buffer.concat([decipher.update(content), decipher.final()]).toString("utf8");
    } catch {
      // Another secret's; the next one may fit.
    }
  }
  return undefined;
}

/** Distinguishes secrets of 256 random bits, and tells nothing else about them. */
export function fingerprintOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex").slice(0, FINGERPRINT_DIGITS);
}

function keyOf(secret: string, clusterId: string): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secret, clusterId, "ruaft rotation v1", KEY_BYTES));
}
