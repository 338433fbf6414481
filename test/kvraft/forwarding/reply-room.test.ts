import { expect, test } from "vitest";
import { ReplyRoom } from "../../../src/kvraft/forwarding/reply-room.ts";

test("replies are taken as long as there is room, smaller ones after one that found none too", () => {
  const room = new ReplyRoom(1000);
  expect([500, 600, 0, 300].map((bytes) => room.take(bytes))).toEqual([true, false, true, true]);
});

test.each([undefined, 8 << 20])(
  "where a transport carries %s it is what every transport carries",
  (limit) => {
    const room = new ReplyRoom(limit);
    expect([1 << 20, (1 << 20) - 80, 0].map((bytes) => room.take(bytes))).toEqual([true, true, false]);
  },
);
