import { expect, test } from "vitest";
import { decodeConfiguration, encodeConfiguration, replicaId } from "../../../src/raft/index.ts";

const voters = ["n1", "n2", "n3"].map(replicaId);
const clusterUid = Uint8Array.from({ length: 16 }, (_, at) => 17 * at);

const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

test("a configuration is JSON that names its format, the cluster and the voters in order", () => {
  const bytes = encodeConfiguration({ clusterUid, voters: voters.toReversed() });
  expect(textOf(bytes)).toBe(
    '{"format":1,"clusterUid":"00112233445566778899aabbccddeeff","voters":["n1","n2","n3"]}',
  );
  expect(decodeConfiguration(bytes)).toEqual({ clusterUid, voters });
});

test("a configuration without a uid has none when it is read", () => {
  const bytes = encodeConfiguration({ clusterUid: undefined, voters });
  expect(decodeConfiguration(bytes)).toEqual({ clusterUid: undefined, voters });
});

test.each([
  ["of a later format", bytesOf({ format: 2, voters }), /has format 2, and this version reads only format 1/],
  ["of no format", bytesOf({ voters }), /has format undefined/],
  ["that is not JSON", Uint8Array.of(1, 2, 3), /is not JSON \(3 bytes\)/],
  ["that is not UTF-8", Uint8Array.of(0xff), /is not JSON/],
  ["that is not an object", bytesOf(7), /is not an object/],
  ["without voters", bytesOf({ format: 1, voters: [] }), /voters are \[\], not 1 to 9 ids/],
  ["with a voter of another alphabet", bytesOf({ format: 1, voters: ["N1"] }), /voters are \["N1"\]/],
  [
    "with a uid that is no hexadecimal",
    bytesOf({ format: 1, clusterUid: "xy", voters }),
    /clusterUid is "xy"/,
  ],
])("a configuration %s is refused with a sentence", (_, bytes, sentence) => {
  expect(() => decodeConfiguration(bytes)).toThrow(RangeError);
  expect(() => decodeConfiguration(bytes)).toThrow(sentence);
});
