import { plainText } from "../plain-data.ts";
import type { Events } from "./events.ts";

/**
 * Returns, for each operation of unknown outcome, the number of the last earlier one with an equal input, or -1. Such
 * operations are interchangeable once both are called, so the search takes them in call order: n of them have n + 1
 * cases instead of 2^n.
 */
export function earlierEquals({ operations, known }: Events<unknown, unknown>): Int32Array {
  const earlierEqual = new Int32Array(operations.length - known).fill(-1);
  const latest = new Map<string, number>();
  for (let op = known; op < operations.length; op++) {
    const text = plainText(operations[op]?.input);
    if (text === undefined) continue;
    earlierEqual[op - known] = latest.get(text) ?? -1;
    latest.set(text, op);
  }
  return earlierEqual;
}
