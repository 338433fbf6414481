import { describe, expect, test } from "vitest";
import type { RpcServices } from "../../src/ports/index.ts";
import { replicaId } from "../../src/raft/index.ts";
import { answer, decodeAnswer, encodeCall, type RpcCall } from "../../src/rpc/index.ts";

const self = replicaId("n2");
const addressee = { clusterId: "c", self };
const kvGet = { type: "kvGet", key: Uint8Array.of(1) } as const;
const call: RpcCall = { clusterId: "c", from: replicaId("n1"), to: self, callId: 7, request: kvGet };

const serving: Pick<RpcServices, "kv"> = { kv: async () => ({ type: "written", revision: 3 }) };
const throwing: Pick<RpcServices, "kv"> = {
  kv: () => {
    throw new Error("no disk");
  },
};
const rejecting: Pick<RpcServices, "kv"> = { kv: () => Promise.reject("no disk") };

describe("an answer", () => {
  test("is the handler's reply, under the number of the call", async () => {
    const { status, bytes } = await answer(encodeCall(call), serving, addressee);
    expect(status).toBe("ok");
    const reply = { type: "written", revision: 3 };
    expect(decodeAnswer(bytes)).toStrictEqual({ type: "reply", callId: 7, reply });
  });

  test.each([
    ["of another cluster", { clusterId: "d" }, serving, "foreign", "this is cluster c, not d"],
    ["to another replica", { to: replicaId("n3") }, serving, "foreign", "this is replica n2, not n3"],
    ["to a service that is not there", {}, {}, "unserved", "kvGet is not served here"],
    ["whose handler throws", {}, throwing, "failed", "no disk"],
    ["whose handler rejects", {}, rejecting, "failed", "no disk"],
  ])("to a call %s is a refusal", async (_, change, services, reason, message) => {
    const { status, bytes } = await answer(encodeCall({ ...call, ...change }), services, addressee);
    expect(status).toBe(reason);
    expect(decodeAnswer(bytes)).toStrictEqual({ type: "refusal", callId: 7, reason, message });
  });

  test("to a call of another type than the way it came by serves is a refusal", async () => {
    const { status } = await answer(encodeCall(call), serving, addressee, "kvPut");
    expect(status).toBe("malformed");
    expect((await answer(encodeCall(call), serving, addressee, "kvGet")).status).toBe("ok");
  });

  test("to bytes that are no call says what is wrong with them", async () => {
    const { status, bytes } = await answer(encodeCall(call).slice(0, 9), serving, addressee);
    expect(status).toBe("malformed");
    const refusal = decodeAnswer(bytes);
    expect(refusal).toMatchObject({
      type: "refusal",
      callId: 0,
      message: "the bytes end within the message",
    });
  });
});
