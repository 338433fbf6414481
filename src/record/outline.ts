import inJavaScript from "crc-32/crc32.js";
import type { Outline } from "./record-item.ts";

/**
 * Returns plain data that is equal for equal values. Bytes are replaced by their length and checksum.
 *
 * @param value plain objects, arrays, bytes, strings, numbers, booleans. Undefined properties are left out
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
  throw new TypeError(`value: must be plain data, not a ${typeof value}`);
}

/**
 * Finds the first difference of two outlines.
 *
 * @param path the name of the outlined value, for the result
 * @returns the path of the difference with both values; undefined if the outlines are equal
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

/** Unsigned CRC32 in JavaScript, because records must be the same on every runtime. */
export function crc32(bytes: Uint8Array): number {
  return inJavaScript.buf(bytes) >>> 0;
}

function hex(value: number): string {
  return value.toString(16).padStart(8, "0");
}
