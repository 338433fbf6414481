import { closest, distance } from "fastest-levenshtein";

/** Of the names that there are, the one that was probably meant; undefined if none is near. */
export function nearest(given: string, names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  const name = closest(given, [...names]);
  return distance(given, name) <= Math.max(1, Math.floor(name.length / 3)) ? name : undefined;
}
