import inJavaScript from "crc-32/crc32.js";
import type { Outline } from "./record-item.ts";

/**
 * What two values must have in common to be the same: plain data, with a length and a checksum in the place of bytes.
 *
 * @param value plain objects, arrays, bytes, strings, numbers, booleans. What is undefined is left out of objects
 */
export function outlineOf(value: unknown): Outline {
  if (value instanceof Uint8Array) return `${value.length} bytes, crc32 ${hex(crc32(value))}`;
  if (Array.isArray(value)) return value.map(outlineOf);
  if (typeof value === "object" && value !== null) {
    const defined = Object.entries(value).filter(([, item]) => item !== undefined);
    return Object.fromEntries(defined.map(([key, item]) => [key, outlineOf(item)]));
  }
  if (value === undefined || value === null) return null;
  if (typeof value === "number" || typeof value === "string" || typeof value === "boolean") return value;
  throw new TypeError(`value: plain data, not a ${typeof value}`);
}

/**
 * The first place where two outlines differ.
 *
 * @param path what the outlines are of, for the answer
 * @returns undefined if they are equal; otherwise the place, and what stands there in each
 */
export function differenceOf(recorded: Outline, replayed: Outline, path: string): string | undefined {
  if (!isNested(recorded) || !isNested(replayed) || Array.isArray(recorded) !== Array.isArray(replayed)) {
    if (Object.is(recorded, replayed)) return undefined;
    return `${path}: recorded ${textOf(recorded)}, replayed ${textOf(replayed)}`;
  }
  const [before, after] = [new Map(Object.entries(recorded)), new Map(Object.entries(replayed))];
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const inside = Array.isArray(recorded) ? `${path}[${key}]` : `${path}.${key}`;
    const difference = differenceOf(before.get(key) ?? null, after.get(key) ?? null, inside);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

function isNested(outline: Outline): outline is Exclude<Outline, null | boolean | number | string> {
  return typeof outline === "object" && outline !== null;
}

function textOf(outline: Outline): string {
  return outline === null ? "nothing" : JSON.stringify(outline);
}

/** Unsigned. The package's own, because the record is written on every runtime. */
export function crc32(bytes: Uint8Array): number {
  return inJavaScript.buf(bytes) >>> 0;
}

function hex(value: number): string {
  return value.toString(16).padStart(8, "0");
}
