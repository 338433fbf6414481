const start = "durio_";
const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const secretBytes = 20;
/** 62^27 is above 2^160. */
const secretLength = 27;
/** 62^6 is above 2^32. */
const checksumLength = 6;
const form = /^durio_([0-9A-Za-z]{27})([0-9A-Za-z]{6})$/;

/**
 * Creates a token: `durio_`, 160 random bits in base 62, and a checksum of these. Programs that look for leaked secrets
 * recognize tokens by their start and their checksum.
 */
export function newToken(): string {
  const random = crypto.getRandomValues(new Uint8Array(secretBytes));
  const secret = base62(
    random.reduce((number, byte) => (number << 8n) | BigInt(byte), 0n),
    secretLength,
  );
  return start + secret + checksumOf(secret);
}

/** Returns whether a text has the form of a token and the right checksum. Tokens that were mistyped do not. */
export function isToken(text: string): boolean {
  const [, secret, checksum] = form.exec(text) ?? [];
  return secret !== undefined && checksum === checksumOf(secret);
}

function checksumOf(secret: string): string {
  return base62(BigInt(crc32(new TextEncoder().encode(secret))), checksumLength);
}

function base62(number: bigint, length: number): string {
  let rest = number;
  let text = "";
  for (let digit = 0; digit < length; digit++) {
    text = (alphabet[Number(rest % 62n)] ?? "") + text;
    rest /= 62n;
  }
  return text;
}

/** CRC-32 as of zip and PNG. Without a table, because 27 bytes are all that it is used for. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb8_8320 : 0);
  }
  return (crc ^ 0xffff_ffff) >>> 0;
}
