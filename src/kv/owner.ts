import { invariant } from "./invariant.ts";

/** Maximum length of an owner's name, in bytes. */
export const MAX_OWNER_BYTES = 32;

/** Returns whether a text may name the owner of a session: 1 to 32 visible ASCII characters, as in a replica's id. */
export function isOwner(text: string): boolean {
  return /^[!-~]{1,32}$/.test(text);
}

/** Writes an owner's name at `offset`, one byte a character. @throws RangeError if it can't name an owner */
export function writeOwner(bytes: Uint8Array, offset: number, owner: string): void {
  if (!isOwner(owner)) {
    throw new RangeError(
      `owner: must be 1 to ${MAX_OWNER_BYTES} visible ASCII characters, not ${JSON.stringify(owner)}`,
    );
  }
  invariant(offset + owner.length <= bytes.length, "an owner's name is written into space for it");
  for (let i = 0; i < owner.length; i++) bytes[offset + i] = owner.charCodeAt(i);
}

/** The name that was read last. Most commands in a row have the same owner, and no text is made for those. */
let lastRead = "";

/** Reads an owner's name from `start` to `end`. @throws Error if the bytes can't name an owner */
export function readOwner(bytes: Uint8Array, start: number, end: number): string {
  if (isAt(bytes, start, end, lastRead)) return lastRead;
  let text = "";
  for (let at = start; at < Math.min(end, start + MAX_OWNER_BYTES + 1); at++) {
    text += String.fromCharCode(bytes[at] ?? 0);
  }
  if (!isOwner(text)) throw new Error(`malformed owner: ${JSON.stringify(text)} can't name one`);
  invariant(text.length === end - start, "an owner's name has a character for each byte");
  lastRead = text;
  return text;
}

function isAt(bytes: Uint8Array, start: number, end: number, text: string): boolean {
  if (end - start !== text.length || text === "") return false;
  for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text.charCodeAt(i)) return false;
  return true;
}
