import { expect, test } from "vitest";
import type { KvReply } from "../../src/kv/index.ts";
import { withinBytes } from "../../src/kvraft/within-bytes.ts";

function value(bytes: number): KvReply {
  return { type: "value", value: new Uint8Array(bytes), revision: 1 };
}

test("replies are given as long as there is room, smaller ones after one that found none too", () => {
  const replies = [value(500), value(600), { type: "unknown" }, value(300)] as const;
  expect(withinBytes(replies, 1000)).toEqual([replies[0], undefined, replies[2], replies[3]]);
});

test("where no limit is given it is what every transport carries", () => {
  const replies = [value(1 << 20), value((1 << 20) - 80), value(0)];
  expect(withinBytes(replies)).toEqual([replies[0], replies[1], undefined]);
  expect(withinBytes(replies, 8 << 20)).toEqual([replies[0], replies[1], undefined]);
});
