import { limits } from "./limits.ts";
import { problem } from "./problems.ts";

const encoder = new TextEncoder();

/** A key as the store wants it, or what is wrong with it. */
export function keyBytes(key: string): Uint8Array | Response {
  if (key === "") return problem("malformed", "key: must not be empty");
  if (key === "." || key === "..") {
    return problem("malformed", `key: must not be ${JSON.stringify(key)}, which no URL can name`);
  }
  const bytes = encoder.encode(key);
  if (bytes.length <= limits.keyBytes) return bytes;
  return problem("tooLarge", `key: at most ${limits.keyBytes} bytes of UTF-8, not ${bytes.length}`);
}
