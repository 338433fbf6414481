import { expect, test } from "vitest";
import { decodeCommand, encodeCommand } from "../../src/kv/command.ts";
import { ReusedParts } from "../../src/kv/reused-parts.ts";
import { KvStore } from "../../src/kv/store.ts";
import { bytes } from "./history.ts";

const put = (key: string, value: string, sequence = 0): Uint8Array =>
  encodeCommand({
    ...{ type: "put", timeMs: 1, owner: "n1", session: 7, sequence, lowestPending: 0 },
    ...{ key: bytes(key), value: bytes(value) },
  });

test("the key and the value of a command are right for every length, and also if both have the same", () => {
  const parts = new ReusedParts();
  for (let length = 0; length < 300; length++) {
    for (const value of ["", "v", "v".repeat(length)]) {
      const decoded = decodeCommand(put("k".repeat(length), value), parts);
      expect(decoded).toEqual(decodeCommand(put("k".repeat(length), value)));
    }
  }
});

test("the next command reuses the arrays of short parts, and no others", () => {
  const parts = new ReusedParts();
  const [one, other] = ["aa", "bb"].map((key) => decodeCommand(put(key, "v".repeat(2000)), parts));
  if (one?.type !== "put" || other?.type !== "put") throw new Error("a put is decoded to a put");
  expect(one.key).toBe(other.key);
  expect(one.value).not.toBe(other.value);
});

test("a store keeps no array that the next command reuses", () => {
  const store = new KvStore();
  store.apply(encodeCommand({ type: "openSession", timeMs: 1, owner: "n1", session: 7 }), { index: 1 });
  const names = ["aa", "bb", "cc", "aa"];
  names.forEach((name, i) => void store.apply(put(name, name + i, i), { index: 2 + i }));
  expect(["aa", "bb", "cc"].map((key) => Buffer.from(store.get(bytes(key))?.value ?? "").toString())).toEqual(
    ["aa3", "bb1", "cc2"],
  );
});
