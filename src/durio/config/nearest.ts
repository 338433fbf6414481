import { closest, distance } from "fastest-levenshtein";

/** Returns the name that was probably meant, or undefined if none is similar. */
export function nearest(given: string, names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  const name = closest(given, [...names]);
  return distance(given, name) <= Math.max(1, Math.floor(name.length / 3)) ? name : undefined;
}
