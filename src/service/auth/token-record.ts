import { hashFromHex, hexOf, type TokenHash } from "./token-hash.ts";

/** Start of the names of tokens in the registry. */
export const tokenPrefix = "token/";

/** What the registry keeps of a token. Its text is not kept. */
export interface TokenRecord {
  readonly hash: TokenHash;
  /** Grants, such as `read app/`. */
  readonly may: readonly string[];
  /** Cluster time in ms from which the token is not valid. Absent: never. */
  readonly expiresMs?: number;
  /** Wall time for people, in ISO 8601. */
  readonly createdAt: string;
}

const nameForm = /^[A-Za-z0-9._-]{1,64}$/;

/** Returns why a text can't name a token, or undefined if it can. */
export function whyNoName(name: unknown): string | undefined {
  const allowed = "must be 1 to 64 letters, digits, dots, underscores and hyphens";
  if (typeof name === "string" && nameForm.test(name)) return undefined;
  return typeof name === "string" ? `${allowed}, not ${JSON.stringify(name.slice(0, 100))}` : allowed;
}

export function encodeToken({ hash, may, expiresMs, createdAt }: TokenRecord): Uint8Array {
  const fields = { hash: hexOf(hash), may, ...(expiresMs !== undefined && { expiresMs }), createdAt };
  return new TextEncoder().encode(JSON.stringify(fields));
}

/** Returns undefined if the bytes are not a token's record. Such a record allows nothing. */
export function decodeToken(bytes: Uint8Array): TokenRecord | undefined {
  const { hash: hex, may, expiresMs, createdAt } = fieldsIn(bytes);
  const hash = typeof hex === "string" ? hashFromHex(hex) : undefined;
  if (hash === undefined || !isTextList(may) || typeof createdAt !== "string") return undefined;
  if (expiresMs === undefined) return { hash, may, createdAt };
  return typeof expiresMs === "number" ? { hash, may, expiresMs, createdAt } : undefined;
}

function fieldsIn(bytes: Uint8Array): Record<string, unknown> {
  try {
    const fields: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof fields === "object" && fields !== null ? { ...fields } : {};
  } catch {
    return {};
  }
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
