import { describe, expect, test } from "vitest";
import type { KvRequest } from "../../src/kv/index.ts";
import type { RpcReply, RpcRequest } from "../../src/ports/index.ts";
import { replicaId } from "../../src/raft/index.ts";
import { decodeCall, type Exchange, encodeAnswer, OutgoingCalls } from "../../src/rpc/index.ts";

const peer = replicaId("n2");
const caller = { clusterId: "c", self: replicaId("n1") };
const kvGet: KvRequest = { type: "kvGet", key: Uint8Array.of(1) };
const vote: RpcRequest = {
  type: "requestVote",
  term: 1,
  candidateId: caller.self,
  lastLogIndex: 0,
  lastLogTerm: 0,
  preVote: false,
};

/** A peer that answers every call with this reply, under a number that is off by `callIdOff`. */
function answering(reply: RpcReply, callIdOff = 0): Exchange {
  return async (bytes) => {
    const callId = decodeCall(bytes).callId + callIdOff;
    return encodeAnswer({ type: "reply", callId, reply });
  };
}

function make(request: RpcRequest, exchange: Exchange): Promise<RpcReply> {
  return new OutgoingCalls(caller).make(peer, request, new AbortController().signal, exchange);
}

describe("a call", () => {
  test("gets the reply of its own number", async () => {
    const reply = { type: "written", revision: 1 } as const;
    await expect(make(kvGet, answering(reply))).resolves.toStrictEqual(reply);
  });

  test("refuses the reply to another call", async () => {
    const exchange = answering({ type: "written", revision: 1 }, 1);
    await expect(make(kvGet, exchange)).rejects.toMatchObject({ reason: "refused" });
  });

  test.each([
    ["of the store to Raft", vote, { type: "written", revision: 1 }],
    ["of Raft to the store", kvGet, { type: "requestVote", term: 1, voteGranted: true }],
    ["to one request where many were made", { type: "kvBatch", requests: [kvGet] }, { type: "unknown" }],
    ["to many requests where one was made", kvGet, { type: "kvBatch", replies: [{ type: "unknown" }] }],
    [
      "to fewer requests than were made",
      { type: "kvBatch", requests: [kvGet, kvGet] },
      { type: "kvBatch", replies: [{ type: "unknown" }] },
    ],
    ["to another of Raft's requests", vote, { type: "appendEntries", term: 1, round: 1, success: true }],
  ] as const)("refuses a reply %s", async (_, request, reply) => {
    await expect(make(request, answering(reply))).rejects.toMatchObject({ reason: "refused" });
  });

  test("refuses bytes that are no answer", async () => {
    await expect(make(kvGet, async () => Uint8Array.of(1))).rejects.toMatchObject({ reason: "refused" });
  });

  test("is unreachable where nothing carries its bytes", async () => {
    const broken: Exchange = () => Promise.reject(new Error("no route"));
    await expect(make(kvGet, broken)).rejects.toMatchObject({
      name: "TransportError",
      reason: "unreachable",
      message: expect.stringContaining("no route"),
    });
  });

  test("that was ended tells whatever carries its bytes", async () => {
    const controller = new AbortController();
    let carried: AbortSignal | undefined;
    const calls = new OutgoingCalls(caller);
    const call = calls.make(peer, kvGet, controller.signal, (_, ended) => {
      carried = ended();
      return new Promise(() => {});
    });
    expect(carried?.aborted).toBe(false);
    controller.abort();
    expect(carried?.aborted).toBe(true);
    await expect(call).rejects.toMatchObject({ reason: "timeout" });
  });
});
