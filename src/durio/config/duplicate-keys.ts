/** JSON strings, and the punctuation around keys and values. */
const tokens = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;

/**
 * Returns the keys that occur more than once in an object of a JSON text. `JSON.parse` silently takes the last of each.
 *
 * @param text valid JSON
 * @example duplicateKeys('{"n1": 1, "n2": {"n1": 2}, "n1": 3}') // ["n1"]
 */
export function duplicateKeys(text: string): string[] {
  const open: (Set<string> | undefined)[] = [];
  const duplicates: string[] = [];
  let last = "";
  for (const [token] of text.matchAll(tokens)) {
    if (token === "{") open.push(new Set());
    else if (token === "[") open.push(undefined);
    else if (token === "}" || token === "]") open.pop();
    else if (token === ":") {
      const key: string = JSON.parse(last);
      const keys = open.at(-1);
      if (keys?.has(key)) duplicates.push(key);
      keys?.add(key);
    }
    last = token;
  }
  return duplicates;
}
