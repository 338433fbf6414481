import { plainText } from "../plain-data.ts";
import type { Events } from "./events.ts";

/**
 * For each operation of unknown outcome, the number of the one with an equal input that was called last before it, or
 * -1. Such twins are interchangeable once both are called, so the search takes them in the order of their calls: n of
 * them make n + 1 cases instead of 2^n.
 */
export function earlierTwins({ operations, known }: Events<unknown, unknown>): Int32Array {
  const twins = new Int32Array(operations.length - known).fill(-1);
  const latest = new Map<string, number>();
  for (let op = known; op < operations.length; op++) {
    const text = plainText(operations[op]?.input);
    if (text === undefined) continue;
    twins[op - known] = latest.get(text) ?? -1;
    latest.set(text, op);
  }
  return twins;
}
