/** Strings of JSON, and the characters between which keys and values stand. */
const tokens = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;

/**
 * The keys that an object of a JSON text has more than once. `JSON.parse` takes the last of each without a word.
 *
 * @param text valid JSON
 * @example
 * duplicateKeys('{"n1": 1, "n2": {"n1": 2}, "n1": 3}') // ["n1"]
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
