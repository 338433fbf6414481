import { expect, test } from "vitest";
import { hmacSha256 } from "../../../adapters/seal/hmac.ts";

const utf8 = new TextEncoder();

// Other runtimes choose another way; the vectors of seal-cases.ts run on all of them.
test("the HMAC has the value of RFC 4231's second case, however the text is divided", () => {
  const hmac = hmacSha256(utf8.encode("Jefe"));
  const expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
  for (const parts of [["what do ya want for nothing?"], ["what do ya ", "want", " for nothing?"]]) {
    const [first = new Uint8Array(0), second, third] = parts.map((part) => utf8.encode(part));
    expect(Buffer.from(hmac(first, second, third)).toString("hex")).toBe(expected);
  }
});
