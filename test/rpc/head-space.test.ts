import { describe, expect, test } from "vitest";
import { type AppendEntries, type LogEntry, replicaId } from "../../src/raft/index.ts";
import { encodeCall } from "../../src/rpc/envelope.ts";
import { useHeadSpace, withHeadSpace } from "../../src/rpc/head-space.ts";
import {
  decodeCall,
  decodeRaftRequest,
  encodeRaftRequest,
  encodeSealHead,
  joinSealed,
  splitSealed,
} from "../../src/rpc/index.ts";

function header(length: number): Uint8Array {
  const bytes = new Uint8Array(length).fill(9);
  bytes.set([4, length]);
  return bytes;
}

function appendEntries(...lengths: readonly number[]): AppendEntries {
  const entries = lengths.map((length, turn): LogEntry => {
    const data = Uint8Array.from({ length }, (_, at) => (at + turn) % 251);
    return { type: "command", index: turn + 5, term: 3, data };
  });
  return {
    type: "appendEntries",
    term: 3,
    leaderId: replicaId("n1"),
    prevLogIndex: 4,
    prevLogTerm: 2,
    entries,
    leaderCommit: 4,
    round: 1,
    successor: undefined,
    mustHold: false,
  };
}

function sealHead(sequence: number): Uint8Array {
  return encodeSealHead({ kind: "call", keyNumber: 1, sender: 5, receiver: 6, sequence });
}

describe("head space", () => {
  test("is used once, and holds what is written in front of the payload", () => {
    const payload = withHeadSpace(3);
    payload.set([1, 2, 3]);
    const message = useHeadSpace(payload, 2);
    message?.set([8, 9]);
    expect(message).toEqual(Uint8Array.of(8, 9, 1, 2, 3));
    expect(message?.buffer).toBe(payload.buffer);
    expect(useHeadSpace(payload, 2)).toBeUndefined();
  });

  test("has space for one head in front of another", () => {
    const payload = withHeadSpace(3);
    const message = useHeadSpace(payload, 2) ?? payload;
    message.set([8, 9, 1, 2, 3]);
    const sealed = useHeadSpace(message, 1) ?? message;
    sealed.set([7]);
    expect(sealed).toEqual(Uint8Array.of(7, 8, 9, 1, 2, 3));
    expect([useHeadSpace(payload, 1), useHeadSpace(message, 1)]).toEqual([undefined, undefined]);
  });

  test("is in front of the beginning of a payload that is shorter than its space", () => {
    const payload = withHeadSpace(3);
    payload.set([1, 2, 3]);
    expect(useHeadSpace(payload.subarray(0, 2), 1)).toEqual(Uint8Array.of(0, 1, 2));
  });

  test.each([
    ["a payload of another buffer", new Uint8Array(600).subarray(512), 1],
    ["a part of a payload", withHeadSpace(10).subarray(1), 1],
    ["a head that is too long", withHeadSpace(10), 513],
    ["the end of a payload", withHeadSpace(10).subarray(10), 1],
  ])("does not exist for %s", (_, payload, bytes) => {
    expect(useHeadSpace(payload, bytes)).toBeUndefined();
  });
});

describe("a call of a large request", () => {
  const request = appendEntries(1, 20_000, 0, 7000);

  test("has the same bytes as one whose payload was copied", () => {
    const payload = encodeRaftRequest(request);
    const copied = payload.slice();
    const message = encodeCall({ header: header(60), callId: 7, payload });
    expect(message.buffer).toBe(payload.buffer);
    expect(message).toEqual(encodeCall({ header: header(60), callId: 7, payload: copied }));
    expect(decodeRaftRequest(decodeCall(message).payload)).toEqual(request);
  });

  test("stays as it is when the same payload is called with again", () => {
    const payload = encodeRaftRequest(request);
    const first = encodeCall({ header: header(60), callId: 1, payload });
    const before = first.slice();
    const second = encodeCall({ header: header(90), callId: 2, payload });
    expect(first).toEqual(before);
    expect(decodeCall(second)).toMatchObject({ callId: 2, payload });
  });

  test("is sealed in its place once, and copied by a second seal", () => {
    const message = encodeCall({ header: header(60), callId: 7, payload: encodeRaftRequest(request) });
    const copied = message.slice();
    const tag = new Uint8Array(16).fill(5);
    const sealed = joinSealed(sealHead(1), tag, message);
    expect(sealed.buffer).toBe(message.buffer);
    expect(joinSealed(sealHead(2), tag, message).buffer).not.toBe(message.buffer);
    expect(sealed).toEqual(joinSealed(sealHead(1), tag, copied));
    expect(splitSealed(sealed)?.content).toEqual(copied);
  });

  test("is copied if the request is small", () => {
    const payload = encodeRaftRequest(appendEntries(100));
    expect(encodeCall({ header: header(60), callId: 7, payload }).buffer).not.toBe(payload.buffer);
  });
});
