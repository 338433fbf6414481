import { limits } from "./limits.ts";
import { problem } from "./problems.ts";

const encoder = new TextEncoder();

/** Encodes a key for the store, or returns the response that says what is wrong with it. */
export function keyBytes(key: string): Uint8Array | Response {
  if (key === "") return problem("malformed", "key: must not be empty");
  if (key === "." || key === "..") {
    return problem("malformed", `key: must not be ${JSON.stringify(key)}, because no URL can contain it`);
  }
  const bytes = encoder.encode(key);
  if (bytes.length <= limits.keyBytes) return bytes;
  return problem("tooLarge", `key: at most ${limits.keyBytes} bytes of UTF-8, not ${bytes.length}`);
}
