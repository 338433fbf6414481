import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CLUSTER_UID_BYTES, type Transport } from "../../src/ports/index.ts";
import {
  type AppendEntries,
  encodeConfiguration,
  type LogEntry,
  MAX_VOTERS,
  type RaftReply,
  type RaftRequest,
  type ReplicaId,
  replicaId,
} from "../../src/raft/index.ts";
import { ByteWriter } from "../../src/rpc/byte-writer.ts";
import {
  decodeRaftReply,
  decodeRaftRequest,
  encodeRaftReply,
  encodeRaftRequest,
  MalformedMessage,
  raftService,
  rpcLimits,
} from "../../src/rpc/index.ts";
import { raftSamples } from "./raft-samples.ts";

const none = new Uint8Array(0);
const n1 = replicaId("n1");
const heartbeat: AppendEntries = {
  type: "appendEntries",
  term: 5,
  leaderId: n1,
  prevLogIndex: 0,
  prevLogTerm: 0,
  entries: [],
  leaderCommit: 0,
  round: 0,
  successor: undefined,
  mustHold: false,
};

function roundTrip(request: RaftRequest): RaftRequest {
  return decodeRaftRequest(encodeRaftRequest(request));
}

/** A message of one code, flags and then fields, as the codec writes it. */
function message(code: number, flags: number, write: (writer: ByteWriter) => void): Uint8Array {
  const writer = new ByteWriter(256);
  writer.byte(code);
  writer.byte(flags);
  write(writer);
  return writer.written();
}

function counts(writer: ByteWriter, ...values: number[]): void {
  for (const value of values) writer.count(value);
}

/** An AppendEntries of term 5 with these entries. */
function withEntries(
  entries: readonly { type?: number; term?: number; length?: number; data?: Uint8Array }[],
  { amount = entries.length, prevLogIndex = 0, prevLogTerm = 0 } = {},
): Uint8Array {
  return message(1, 0, (writer) => {
    counts(writer, 5);
    writer.name(n1);
    counts(writer, prevLogIndex, prevLogTerm, 0, 0, amount);
    for (const { type = 1, term = 1, data = none, length = data.length } of entries) {
      writer.byte(type);
      counts(writer, term, length);
      writer.bytes(data);
    }
  });
}

describe("a request of Raft", () => {
  test.each(raftSamples)("is equal after encoding and decoding: $request.type, $name", ({ request }) => {
    expect(roundTrip(request)).toStrictEqual(request);
  });

  test("is equal after encoding and decoding, with any entries", () => {
    const property = fc.property(anyAppendEntries, (request) => {
      expect(roundTrip(request)).toStrictEqual(request);
    });
    fc.assert(property, { seed: 1 });
  });

  test("a small heartbeat has 11 bytes, and a small entry adds 3 to its data", () => {
    const size = (entries: readonly LogEntry[]) => encodeRaftRequest({ ...heartbeat, entries }).length;
    const entries = [1, 2, 3].map(
      (index) => ({ type: "command", index, term: 4, data: new Uint8Array(20) }) as const,
    );
    expect(size([])).toBe(11);
    expect(size(entries) - size([])).toBe(3 * (20 + 3));
  });

  test("keeps nothing of its message alive but the data of a chunk", () => {
    const bytes = encodeRaftRequest({
      ...heartbeat,
      entries: [{ type: "command", index: 1, term: 1, data: Uint8Array.of(7) }],
    });
    const request = decodeRaftRequest(bytes);
    bytes.fill(0);
    expect(request).toMatchObject({ entries: [{ data: Uint8Array.of(7) }] });
  });

  test("holds at most as many entries as its limit", () => {
    const entries = Array.from({ length: rpcLimits.entries }, (_, at): LogEntry => {
      return { type: "noop", index: 1 + at, term: 4, data: none };
    });
    const full = { ...heartbeat, entries };
    expect(roundTrip(full)).toStrictEqual(full);
    const last: LogEntry = { type: "noop", index: entries.length + 1, term: 4, data: none };
    expect(() => roundTrip({ ...heartbeat, entries: [...entries, last] })).toThrow(/at most 65536/);
  });

  test("with an entry out of order is not sent, because the receiver would give it another index", () => {
    const entries = [{ type: "command", index: 2, term: 1, data: none }] as const;
    expect(() => encodeRaftRequest({ ...heartbeat, entries })).toThrow(RangeError);
  });

  test("has space for a snapshot's configuration beside a chunk of the largest size", () => {
    const transport = { maxPayloadBytes: 1 << 20 } as Transport;
    const voters = Array.from({ length: MAX_VOTERS }, (_, n) => replicaId(`${n}`.repeat(32)));
    const clusterUid = new Uint8Array(CLUSTER_UID_BYTES);
    const index = Number.MAX_SAFE_INTEGER;
    const request = {
      ...chunk(),
      lastIncludedIndex: index,
      configuration: { index, data: encodeConfiguration({ clusterUid, voters }) },
      data: new Uint8Array(raftService(transport).maxDataBytes),
    };
    expect(encodeRaftRequest(request).length).toBeLessThanOrEqual(transport.maxPayloadBytes ?? 0);
  });

  test("with a configuration that its snapshot does not cover is malformed", () => {
    const configuration = { index: 2, data: none };
    expect(() => roundTrip({ ...chunk(), configuration })).toThrow("configuration.index: 1 to 1, not 2");
  });

  test.each([
    ["nothing", none],
    ["an unknown type", Uint8Array.of(4)],
    ["a type alone", Uint8Array.of(0)],
    ["unknown flags", message(0, 2, () => {})],
    ["a candidate without a name", message(0, 0, (writer) => counts(writer, 1, 0, 0, 0))],
    [
      "bytes that follow it",
      message(0, 0, (writer) => {
        counts(writer, 1);
        writer.name(n1);
        counts(writer, 0, 0, 9);
      }),
    ],
  ])("of %s is malformed", (_, bytes) => {
    expect(() => decodeRaftRequest(bytes)).toThrow(MalformedMessage);
  });

  test.each(raftSamples)("that is cut short is malformed: $request.type, $name", ({ request }) => {
    const bytes = encodeRaftRequest(request);
    const shortest = request.type === "installSnapshot" ? bytes.length - request.data.length : bytes.length;
    for (let length = 0; length < shortest; length++) {
      expect(() => decodeRaftRequest(bytes.subarray(0, length))).toThrow(MalformedMessage);
    }
  });

  test.each([
    ["fewer than it says", withEntries([{}], { amount: 2 }), /ends too early/],
    ["more than it says", withEntries([{}, {}], { amount: 1 }), /3 bytes too many/],
    ["more than any message has", withEntries([], { amount: 2 ** 40 }), /at most 65536/],
    [
      "of an unknown type",
      withEntries([{ type: 3 }]),
      /entry 1 has type 3, which this version does not know/,
    ],
    [
      "a no-op with data",
      withEntries([{ type: 0, data: Uint8Array.of(1) }]),
      /entry 1 is a no-op with 1 bytes of data/,
    ],
    ["longer than the message", withEntries([{ length: 2, data: Uint8Array.of(1) }]), /ends too early/],
    ["of term 0", withEntries([{ term: 0 }]), /entry 1 of term 0 is out of order/],
    ["of a later term than their leader's", withEntries([{ term: 6 }]), /entry 1 of term 6 is out of order/],
    ["of terms that fall", withEntries([{ term: 3 }, { term: 2 }]), /entry 2 of term 2 is out of order/],
    [
      "of an earlier term than the one before the first",
      withEntries([{ term: 3 }], { prevLogIndex: 9, prevLogTerm: 4 }),
      /entry 10/,
    ],
    [
      "past the largest index",
      withEntries([{}], { prevLogIndex: Number.MAX_SAFE_INTEGER }),
      /prevLogIndex: too large/,
    ],
  ])("with entries that are %s is malformed", (_, bytes, problem) => {
    expect(() => decodeRaftRequest(bytes)).toThrow(problem);
    expect(() => decodeRaftRequest(bytes)).toThrow(MalformedMessage);
  });

  test.each([
    ["requestVote.lastLogTerm", { ...vote(), lastLogTerm: 6 }],
    ["appendEntries.prevLogTerm", { ...heartbeat, prevLogTerm: 6 }],
    ["installSnapshot.lastIncludedTerm", { ...chunk(), lastIncludedTerm: 6 }],
  ])("with a term later than its message's is malformed: %s", (name, request) => {
    const [type, field] = name.split(".");
    expect(() => roundTrip(request)).toThrow(`${type}: ${field}: term 6 is later than`);
  });
});

function vote(): Extract<RaftRequest, { type: "requestVote" }> {
  return { type: "requestVote", term: 5, candidateId: n1, lastLogIndex: 1, lastLogTerm: 5, preVote: false };
}

function chunk(): Extract<RaftRequest, { type: "installSnapshot" }> {
  const meta = { lastIncludedIndex: 1, lastIncludedTerm: 5 };
  return { type: "installSnapshot", term: 5, leaderId: n1, ...meta, offset: 0, data: none, done: true };
}

describe("a reply of Raft", () => {
  test.each(raftSamples)("is equal after encoding and decoding: $reply.type, $name", ({ reply }) => {
    expect(decodeRaftReply(encodeRaftReply(reply))).toStrictEqual(reply);
  });

  test.each(raftSamples)("that is cut short is malformed: $reply.type, $name", ({ reply }) => {
    const bytes = encodeRaftReply(reply);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeRaftReply(bytes.subarray(0, length))).toThrow(MalformedMessage);
    }
  });

  test.each([
    ["an unknown type", Uint8Array.of(9, 0, 1)],
    ["a success with a conflict", message(1, 3, (writer) => counts(writer, 4, 1, 1, 1))],
    ["half a conflict", message(1, 2, (writer) => counts(writer, 4, 1, 1))],
    ["a conflict of a later term", message(1, 2, (writer) => counts(writer, 4, 1, 5, 1))],
    ["more names than a cluster has voters", message(3, 1, (writer) => counts(writer, 4, MAX_VOTERS + 1))],
    ["a flag too many", message(0, 2, (writer) => counts(writer, 4))],
  ])("of %s is malformed", (_, bytes) => {
    expect(() => decodeRaftReply(bytes)).toThrow(MalformedMessage);
  });

  test("of every kind is among the samples", () => {
    const every = {
      requestVote: true,
      appendEntries: true,
      installSnapshot: true,
      bootstrapCheck: true,
    } satisfies Record<RaftReply["type"], true>;
    expect(new Set(raftSamples.map(({ reply }) => reply.type))).toStrictEqual(new Set(Object.keys(every)));
  });
});

const anyId: fc.Arbitrary<ReplicaId> = fc.stringMatching(/^[a-z0-9-]{1,32}$/).map(replicaId);
const anyCount = fc.maxSafeNat();
const anyEntry = fc.record({
  type: fc.constantFrom("noop", "command", "configuration"),
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
