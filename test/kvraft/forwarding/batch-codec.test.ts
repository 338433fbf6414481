import { describe, expect, test } from "vitest";
import { type KvReply, kvLimits } from "../../../src/kv/index.ts";
import {
  decodeReplies,
  decodeRequests,
  encodeReplies,
  encodeRequests,
} from "../../../src/kvraft/forwarding/batch-codec.ts";
import { kvService } from "../../../src/kvraft/forwarding/kv-service.ts";
import { replicaId } from "../../../src/raft/index.ts";
import { encodeWireValue, MalformedMessage } from "../../../src/rpc/index.ts";
import { kvSamples } from "./kv-samples.ts";

const none = new Uint8Array(0);

describe("requests of the store", () => {
  test.each(kvSamples)("are equal after encoding and decoding: $name", ({ requests }) => {
    expect(decodeRequests(encodeRequests(requests))).toStrictEqual(requests);
  });

  test("keep nothing of their message alive", () => {
    const bytes = encodeRequests([{ type: "kvGet", key: Uint8Array.of(7) }]);
    const requests = decodeRequests(bytes);
    bytes.fill(0);
    expect(requests).toStrictEqual([{ type: "kvGet", key: Uint8Array.of(7) }]);
  });

  test("are limited in number", () => {
    const put = { type: "kvPut", key: none, value: none, session: 1, sequence: 2, lowestPending: 1 } as const;
    const requests = new Array(kvLimits.batchRequests).fill(put);
    expect(decodeRequests(encodeRequests(requests))).toStrictEqual(requests);
  });

  test.each([
    ["no list", 1],
    ["nothing", [[], [], none]],
    ["a column short", [[1], [0]]],
    ["a column too many", [[1], [0], none, none]],
    ["columns that are no lists", [1, 0, none]],
    ["data that is text", [[1], [1], "x"]],
    ["a request of an unknown type", [[5], [], none]],
    ["a request whose type is not a number", [["kvGet"], [0], none]],
    ["a request without its numbers", [[2], [1, 1], none]],
    ["a broken number", [[2], [1, 0.5, 1, 0, 0], none]],
    ["a number too large", [[2], [2 ** 53, 1, 1, 0, 0], none]],
    ["a key longer than the data", [[1], [2], new Uint8Array(1)]],
    ["a key too long", [[1], [kvLimits.keyBytes + 1], new Uint8Array(kvLimits.keyBytes + 1)]],
    [
      "a value too long",
      [[2], [1, 1, 1, 0, kvLimits.valueBytes + 1], new Uint8Array(kvLimits.valueBytes + 1)],
    ],
    ["a number that belongs to no request", [[1], [0, 0], none]],
    ["data that belongs to no request", [[1], [0], new Uint8Array(1)]],
    ["one good request and one bad", [[1, 9], [0], none]],
    ["too many requests", [new Array(kvLimits.batchRequests + 1).fill(4), [], none]],
  ])("of %s are malformed as a whole", (_, columns) => {
    expect(() => decodeRequests(encodeWireValue(columns))).toThrow(MalformedMessage);
  });
});

describe("replies of the store", () => {
  test.each(kvSamples)("are equal after encoding and decoding: $name", ({ replies }) => {
    expect(decodeReplies(encodeReplies(replies))).toStrictEqual(replies);
  });

  test.each([
    ["nothing", [[], [], none]],
    ["an unknown type", [[12], [], none]],
    ["a leader that is not a replica id", [[8], [2], Uint8Array.of(65, 66)]],
    ["a value longer than the data", [[6], [1, 1], none]],
    ["a number that belongs to no reply", [[3], [1], none]],
  ])("of %s are malformed", (_, columns) => {
    expect(() => decodeReplies(encodeWireValue(columns))).toThrow(MalformedMessage);
  });

  test("of every kind are among the samples", () => {
    const every = {
      session: true,
      written: true,
      tooManySessions: true,
      sessionExpired: true,
      overloaded: true,
      tooLarge: true,
      notCarried: true,
      conflict: true,
      registryFull: true,
      value: true,
      notLeader: true,
      unknown: true,
    } satisfies Record<KvReply["type"], true>;
    const seen = new Set(kvSamples.flatMap(({ replies }) => replies.map((reply) => reply?.type)));
    seen.delete(undefined);
    expect(seen).toStrictEqual(new Set(Object.keys(every)));
  });
});

describe("a call of the store", () => {
  const get = { type: "kvGet", key: none } as const;
  const unknown = { type: "unknown" } as const;

  test.each([
    ["to fewer requests than were made", [get, get], [unknown]],
    ["to more requests than were made", [get], [unknown, unknown]],
    ["that leaves out the only one", [get], [undefined]],
  ])("refuses an answer %s", async (_, requests, replies) => {
    const service = kvService({
      serve: async () => {},
      call: async () => encodeReplies(replies),
    });
    const call = service.call(replicaId("n2"), requests, new AbortController().signal);
    await expect(call).rejects.toMatchObject({ name: "TransportError", reason: "refused" });
  });
});
