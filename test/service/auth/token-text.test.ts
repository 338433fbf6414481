import { describe, expect, test } from "vitest";
import { hashFromHex, hashOf, hexOf, isSameHash } from "../../../src/service/auth/token-hash.ts";
import { isToken, newToken } from "../../../src/service/auth/token-text.ts";

describe("a token", () => {
  test("is durio_, 160 bits in base 62, and a checksum", () => {
    const tokens = Array.from({ length: 200 }, newToken);
    expect(new Set(tokens).size).toBe(tokens.length);
    for (const token of tokens) {
      expect(token).toMatch(/^durio_[0-9A-Za-z]{33}$/);
      expect(isToken(token)).toBe(true);
    }
  });

  test("with the checksum of zip and PNG", () => {
    // crc32("000000000000000000000000000") = 0x816710bc, as python's zlib.crc32 says.
    const zeros = "0".repeat(27);
    expect(isToken(`durio_${zeros}2MvMGi`)).toBe(true);
  });

  test("is recognized as mistyped if one character is another, missing, or added", () => {
    const token = newToken();
    for (let at = 0; at < token.length; at++) {
      const other = token[at] === "x" ? "y" : "x";
      expect(isToken(token.slice(0, at) + other + token.slice(at + 1))).toBe(false);
      expect(isToken(token.slice(0, at) + token.slice(at + 1))).toBe(false);
    }
    expect(isToken(`${token}x`)).toBe(false);
    expect(isToken(` ${token}`)).toBe(false);
  });
});

describe("the hash of a token", () => {
  test("is SHA-256, in hexadecimal as other programs print it", async () => {
    const hex = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    expect(hexOf(await hashOf("hello"))).toBe(hex);
    const read = hashFromHex(hex);
    expect(read && isSameHash(read, await hashOf("hello"))).toBe(true);
    expect(read && isSameHash(read, await hashOf("hellp"))).toBe(false);
  });

  test.each(["", "2cf2", "x".repeat(64), "A".repeat(64)])("is not %j", (text) => {
    expect(hashFromHex(text)).toBeUndefined();
  });
});
