import { describe, expect, test } from "vitest";
import {
  decodeAudit,
  decodeAuditReply,
  encodeAudit,
  encodeAuditReply,
} from "../../src/kvraft/audit-service.ts";
import { encodeWireValue, MalformedMessage, type WireValue } from "../../src/rpc/index.ts";

const hash = "0123456789abcdef0123456789abcdef";

describe("an audit and its reply", () => {
  test("are equal after encoding and decoding", () => {
    const audit = { index: Number.MAX_SAFE_INTEGER, hash };
    expect(decodeAudit(encodeAudit(audit))).toStrictEqual(audit);
    for (const reply of [
      { hash, isPending: false },
      { hash: undefined, isPending: true },
    ]) {
      expect(decodeAuditReply(encodeAuditReply(reply))).toStrictEqual(reply);
    }
  });

  const malformed: readonly (readonly [string, WireValue])[] = [
    ["no list", hash],
    ["nothing", []],
    ["three things", [1, hash, true]],
    ["an invalid hash", [1, `${hash}0`]],
    ["a hash in capital letters", [1, hash.toUpperCase()]],
    ["a broken number", [0.5, hash]],
    ["a number below 0", [Number.NEGATIVE_INFINITY, hash]],
  ];
  test.each(malformed)("of %s are malformed", (_, plain) => {
    expect(() => decodeAudit(encodeWireValue(plain))).toThrow(MalformedMessage);
    expect(() => decodeAuditReply(encodeWireValue(plain))).toThrow(MalformedMessage);
  });
});
