import { expect, test } from "vitest";
import { claimedHeaderBytes, decodeHeader, encodeHeader } from "../../../adapters/file/snapshot-format.ts";

const meta = { lastIncludedIndex: 7, lastIncludedTerm: 3 };
const withConfiguration = (bytes: number) => ({
  ...meta,
  configuration: { index: 5, data: new Uint8Array(bytes).fill(1) },
});

test.each([
  ["without a configuration", meta],
  ["with an empty one", withConfiguration(0)],
  ["with one of several KiB", withConfiguration(5000)],
])("a header is decoded as it was encoded, %s, and says how long it is", (_, covered) => {
  const bytes = encodeHeader(covered);
  expect(claimedHeaderBytes(bytes)).toBe(bytes.length);
  expect(decodeHeader(bytes)).toEqual(covered);
});

test("a damaged length is refused before that much is read", () => {
  const bytes = encodeHeader(meta);
  new DataView(bytes.buffer).setUint32(8, 64 * 1024 + 1, true);
  expect(claimedHeaderBytes(bytes)).toBeUndefined();
  expect(() => encodeHeader(withConfiguration(64 * 1024))).toThrow(
    "a configuration fits into a snapshot's header",
  );
});
