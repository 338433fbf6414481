import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { kvLimits } from "../../src/kv/index.ts";
import type { Introduction, RpcReply, RpcRequest } from "../../src/ports/index.ts";
import { type AppendEntries, type LogEntry, type ReplicaId, replicaId } from "../../src/raft/index.ts";
import { encodePlain } from "../../src/rpc/cbor.ts";
import {
  decodeAnswer,
  decodeCall,
  encodeAnswer,
  encodeCall,
  MalformedMessage,
  rpcLimits,
} from "../../src/rpc/index.ts";
import { samples } from "../../src/testing/transport-conformance/samples.ts";

const addresses = { clusterId: "c", from: replicaId("n1"), to: replicaId("n2"), callId: 7 };

function roundTrip(request: RpcRequest): RpcRequest {
  return decodeCall(encodeCall({ ...addresses, request })).request;
}

describe("a call", () => {
  test.each(samples)("is the same after its way: $request.type, $name", ({ request }) => {
    const call = { ...addresses, request };
    expect(decodeCall(encodeCall(call))).toStrictEqual(call);
  });

  test("is the same after its way, whatever entries it holds", () => {
    const property = fc.property(anyAppendEntries, (request) => {
      expect(roundTrip(request)).toStrictEqual(request);
    });
    fc.assert(property, { seed: 1 });
  });

  test("spends 29 bytes on what it says of its sender, and 12 more on what is known of its receiver", () => {
    const clusterUid = new Uint8Array(16).fill(7);
    const use = { storage: 1, starts: 2, boot: 3 };
    const size = (introduction?: Introduction) =>
      encodeCall({ ...addresses, introduction, request: heartbeat }).length;
    const bare = size();
    expect(size({ clusterUid, use, receiver: undefined }) - bare).toBe(29);
    expect(size({ clusterUid, use, receiver: use }) - bare).toBe(29 + 12);
  });

  test("spends 3 bytes on a small entry beside its data", () => {
    const size = (entries: readonly LogEntry[]) =>
      encodeCall({ ...addresses, request: { ...heartbeat, entries } }).length;
    const data = new Uint8Array(20);
    const entries = [1, 2, 3].map((index) => ({ type: "command", index, term: 4, data }) as const);
    // And one more, once, for the length of all data.
    expect(size(entries) - size([])).toBe(3 * (20 + 3) + 1);
  });

  test("holds as many entries as its limit says, and no more", () => {
    const entries = Array.from({ length: rpcLimits.entries }, (_, at): LogEntry => {
      return { type: "noop", index: 1 + at, term: 4, data: new Uint8Array(0) };
    });
    const full = { ...heartbeat, entries };
    expect(roundTrip(full)).toStrictEqual(full);
    const last: LogEntry = { type: "noop", index: entries.length + 1, term: 4, data: new Uint8Array(0) };
    expect(() => roundTrip({ ...heartbeat, entries: [...entries, last] })).toThrow(/at most 65536/);
  });

  test("with an entry out of place is not sent: the receiver would count it as another", () => {
    const entries = [{ type: "command", index: 2, term: 1, data: new Uint8Array(0) }] as const;
    expect(() => roundTrip({ ...heartbeat, entries })).toThrow(RangeError);
  });

  test.each([
    ["another version", [1, "c", "n1", "n2", 1, "kvOpenSession", []]],
    ["a cluster that is no name", [2, "C!", "n1", "n2", 1, undefined, "kvOpenSession", []]],
    ["a sender that is no name", [2, "c", "", "n2", 1, undefined, "kvOpenSession", []]],
    ["an addressee that is no text", [2, "c", "n1", 2, 1, undefined, "kvOpenSession", []]],
    ["a broken number", [2, "c", "n1", "n2", 1.5, undefined, "kvOpenSession", []]],
    ["an unknown type", [2, "c", "n1", "n2", 1, undefined, "kvDrop", []]],
    ["the name of something all objects have", [2, "c", "n1", "n2", 1, undefined, "constructor", []]],
    ["fields that are no list", [2, "c", "n1", "n2", 1, undefined, "kvOpenSession", 0]],
    ["a field too many", [2, "c", "n1", "n2", 1, undefined, "kvOpenSession", [1]]],
    ["a field too few", [2, "c", "n1", "n2", 1, undefined, "kvGet", []]],
    ["an introduction that is no byte string", [2, "c", "n1", "n2", 1, "n1", "kvOpenSession", []]],
    ["an introduction cut short", [2, "c", "n1", "n2", 1, new Uint8Array(27), "kvOpenSession", []]],
    ["an introduction too long", [2, "c", "n1", "n2", 1, new Uint8Array(41), "kvOpenSession", []]],
    ["an element too many", [2, "c", "n1", "n2", 1, undefined, "kvOpenSession", [], 1]],
    ["a field of another type", [2, "c", "n1", "n2", 1, undefined, "kvGet", ["text"]]],
    ["a number too large", [2, "c", "n1", "n2", 1, undefined, "requestVote", [2 ** 53, "n1", 0, 0, true]]],
    ["an infinite number", [2, "c", "n1", "n2", 1, undefined, "requestVote", [Infinity, "n1", 0, 0, true]]],
    ["a key too long", [2, "c", "n1", "n2", 1, undefined, "kvGet", [new Uint8Array(rpcLimits.keyBytes + 1)]]],
  ])("of %s is malformed", (_, wire) => {
    expect(() => decodeCall(encodePlain(wire))).toThrow(MalformedMessage);
  });

  test.each([
    ["no list", 1],
    ["a column short", [[1], [1], [0]]],
    ["a column too many", [[1], [1], [0], none, none]],
    ["columns that are no lists", [1, 1, 0, none]],
    ["columns of several lengths", [[1, 1], [1], [0, 0], none]],
    ["an entry of an unknown type", [[1], [2], [0], none]],
    ["a no-op with data", [[1], [0], [1], new Uint8Array(1)]],
    ["data that is text", [[1], [1], [1], "x"]],
    ["an entry longer than the data", [[1], [1], [2], new Uint8Array(1)]],
    ["data that belongs to no entry", [[1], [1], [0], new Uint8Array(1)]],
    ["a broken length", [[1], [1], [0.5], new Uint8Array(1)]],
    ["a broken term", [[1.5], [1], [0], none]],
    ["an entry of term 0", [[0], [1], [0], none]],
    ["an entry of a later term than its leader's", [[6], [1], [0], none]],
    ["terms that fall", [[3, 2], [1, 1], [0, 0], none]],
  ])("with entries that are %s is malformed", (_, entries) => {
    const wire = [2, "c", "n1", "n2", 1, undefined, "appendEntries", [5, "n1", 0, 0, 0, 0, entries]];
    expect(() => decodeCall(encodePlain(wire))).toThrow(MalformedMessage);
  });

  test.each([
    ["nothing", [[], [], none]],
    ["a column short", [[1], [0]]],
    ["a column too many", [[1], [0], none, none]],
    ["columns that are no lists", [1, 0, none]],
    ["data that is text", [[1], [1], "x"]],
    ["a request of an unknown type", [[5], [], none]],
    ["a request whose type is none of a number", [["kvGet"], [0], none]],
    ["a request without its numbers", [[2], [1, 1], none]],
    ["a broken number", [[2], [1, 0.5, 1, 0, 0], none]],
    ["a number too large", [[2], [2 ** 53, 1, 1, 0, 0], none]],
    ["a key longer than the data", [[1], [2], new Uint8Array(1)]],
    ["a key too long", [[1], [rpcLimits.keyBytes + 1], new Uint8Array(rpcLimits.keyBytes + 1)]],
    [
      "a value too long",
      [[2], [1, 1, 1, 0, rpcLimits.valueBytes + 1], new Uint8Array(rpcLimits.valueBytes + 1)],
    ],
    ["a number that belongs to no request", [[1], [0, 0], none]],
    ["data that belongs to no request", [[1], [0], new Uint8Array(1)]],
    ["one good request and one bad", [[1, 9], [0], none]],
    ["too many requests", [new Array(kvLimits.batchRequests + 1).fill(4), [], none]],
  ])("with a batch of %s is malformed as a whole", (_, columns) => {
    const wire = [2, "c", "n1", "n2", 1, undefined, "kvBatch", columns];
    expect(() => decodeCall(encodePlain(wire))).toThrow(MalformedMessage);
  });

  test("holds as many requests as its limit says", () => {
    const request = {
      type: "kvPut",
      key: none,
      value: none,
      session: 1,
      sequence: 2,
      lowestPending: 1,
    } as const;
    const batch = { type: "kvBatch", requests: new Array(kvLimits.batchRequests).fill(request) } as const;
    expect(roundTrip(batch)).toStrictEqual(batch);
  });

  test("with an entry of an earlier term than the one before the first is malformed", () => {
    const wire = [
      2,
      "c",
      "n1",
      "n2",
      1,
      undefined,
      "appendEntries",
      [5, "n1", 9, 4, 0, 0, undefined, false, [[3], [1], [0], none]],
    ];
    expect(() => decodeCall(encodePlain(wire))).toThrow(/entry 10/);
  });

  test.each<[string, string, unknown[]]>([
    [
      "appendEntries.prevLogTerm",
      "appendEntries",
      [5, "n1", 9, 6, 0, 0, undefined, false, [[], [], [], none]],
    ],
    ["requestVote.lastLogTerm", "requestVote", [5, "n1", 9, 6, false]],
    ["installSnapshot.lastIncludedTerm", "installSnapshot", [5, "n1", 9, 6, 0, none, true]],
  ])("with a %s later than its own term is malformed", (name, type, fields) => {
    const wire = [2, "c", "n1", "n2", 1, undefined, type, fields];
    expect(() => decodeCall(encodePlain(wire as never))).toThrow(`${name}: term 6 is later than`);
  });

  test("whose entries run past the largest index is malformed", () => {
    const last = Number.MAX_SAFE_INTEGER;
    const wire = [
      2,
      "c",
      "n1",
      "n2",
      1,
      undefined,
      "appendEntries",
      [5, "n1", last, 4, 0, 0, undefined, false, [[4], [1], [0], none]],
    ];
    expect(() => decodeCall(encodePlain(wire))).toThrow(/prevLogIndex/);
  });
});

describe("an answer", () => {
  test.each(samples)("is the same after its way: $reply.type, $name", ({ reply }) => {
    const answer = { type: "reply", callId: 7, reply } as const;
    expect(decodeAnswer(encodeAnswer(answer))).toStrictEqual(answer);
  });

  test("may be a refusal, whose text is cut to its limit", () => {
    const refusal = { type: "refusal", callId: 7, reason: "failed", message: "x".repeat(1000) } as const;
    const message = "x".repeat(rpcLimits.refusalLength);
    expect(decodeAnswer(encodeAnswer(refusal))).toStrictEqual({ ...refusal, message });
  });

  test.each([
    ["an unknown type", [2, 7, undefined, "nothing", []]],
    ["another version", [0, 7, "unknown", []]],
    ["a call", [2, "c", "n1", "n2", 1, undefined, "kvOpenSession", []]],
    ["a success with a conflict", [2, 7, undefined, "appendEntries", [4, 1, true, [1, 1]]]],
    ["half a conflict", [2, 7, undefined, "appendEntries", [4, 1, false, [1]]]],
    ["a refusal without a reason", [2, 7, undefined, "refused", []]],
    ["a leader that is no name", [2, 7, undefined, "notLeader", ["NO ONE"]]],
    ["a batch of nothing", [2, 7, undefined, "kvBatch", [[], [], none]]],
    ["a batch with a reply of an unknown type", [2, 7, undefined, "kvBatch", [[12], [], none]]],
    [
      "a batch with a leader that is no name",
      [2, 7, undefined, "kvBatch", [[8], [2], Uint8Array.of(65, 66)]],
    ],
    ["a batch with a value longer than its data", [2, 7, undefined, "kvBatch", [[6], [1, 1], none]]],
    ["a batch with a number that belongs to no reply", [2, 7, undefined, "kvBatch", [[3], [1], none]]],
  ])("of %s is malformed", (_, wire) => {
    expect(() => decodeAnswer(encodePlain(wire))).toThrow(MalformedMessage);
  });

  test("holds every kind of reply among the samples", () => {
    const every = {
      requestVote: true,
      appendEntries: true,
      installSnapshot: true,
      bootstrapCheck: true,
      session: true,
      written: true,
      tooManySessions: true,
      sessionExpired: true,
      overloaded: true,
      tooLarge: true,
      notCarried: true,
      value: true,
      notLeader: true,
      unknown: true,
      kvBatch: true,
      kvAudit: true,
    } satisfies Record<RpcReply["type"], true>;
    expect(new Set(samples.map(({ reply }) => reply.type))).toStrictEqual(new Set(Object.keys(every)));
  });
});

const none = new Uint8Array(0);
const heartbeat: AppendEntries = {
  type: "appendEntries",
  term: 4,
  leaderId: replicaId("n1"),
  prevLogIndex: 0,
  prevLogTerm: 0,
  entries: [],
  leaderCommit: 0,
  round: 0,
  successor: undefined,
  mustHold: false,
};

const anyId: fc.Arbitrary<ReplicaId> = fc.stringMatching(/^[a-z0-9-]{1,32}$/).map(replicaId);
const anyCount = fc.maxSafeNat();
const anyEntry = fc.record({
  type: fc.constantFrom("noop", "command"),
  termStep: fc.nat(3),
  data: fc.uint8Array({ maxLength: 300 }),
});

const anyAppendEntries: fc.Arbitrary<AppendEntries> = fc
  .record({
    leaderId: anyId,
    prevLogIndex: fc.nat(2 ** 31 - 1).map((n) => n * 2 ** 20),
    prevLogTerm: fc.nat(),
    leaderCommit: anyCount,
    round: anyCount,
    successor: fc.option(anyId, { nil: undefined }),
    mustHold: fc.boolean(),
    drawn: fc.array(anyEntry, { maxLength: 50 }),
  })
  .map(({ drawn, ...header }) => {
    let term = header.prevLogTerm + 1;
    const entries = drawn.map(({ type, termStep, data }, at): LogEntry => {
      term += termStep;
      const index = header.prevLogIndex + 1 + at;
      return { type, index, term, data: type === "noop" ? new Uint8Array(0) : Uint8Array.from(data) };
    });
    return { type: "appendEntries", term, ...header, entries };
  });
