import { describe, expect, test } from "vitest";
import { type Introduction, TransportError } from "../../src/ports/index.ts";
import { replicaId } from "../../src/raft/index.ts";
import {
  decodeCall,
  decodeHeader,
  decodeReply,
  Endpoint,
  encodeReply,
  type Reply,
  type RoundTrip,
  raftService,
  rpcLimits,
} from "../../src/rpc/index.ts";
import { introductionBytes } from "../../src/rpc/introduction.ts";
import { raftSamples } from "./raft-samples.ts";

const none = new Uint8Array();
const peer = replicaId("n2");
const payload = Uint8Array.of(1, 2, 3);
const forever = new AbortController().signal;

/** A peer that answers every call with a reply that differs from a valid one in `change`. */
function answering(change: Partial<Reply>): RoundTrip {
  return async (message) => {
    const { callId } = decodeCall(message);
    return encodeReply({ status: "ok", callId, introduction: none, content: payload, ...change });
  };
}

function newEndpoint(): Endpoint {
  return new Endpoint({ clusterId: "c", self: replicaId("n1") });
}

function make(roundTrip: RoundTrip, endpoint = newEndpoint()): Promise<Uint8Array> {
  return endpoint.call({ to: peer, service: "echo", payload, signal: forever }, roundTrip);
}

describe("a call", () => {
  test("names its receiver, and gets the content of its reply", async () => {
    const content = Uint8Array.of(9);
    let message = none;
    const reply = await make((sent, ended) => {
      message = sent;
      return answering({ content })(sent, ended);
    });
    expect(reply).toStrictEqual(content);
    const call = decodeCall(message);
    expect(call).toMatchObject({ callId: 1, payload });
    expect(decodeHeader(call.header)).toStrictEqual({
      ...{ clusterId: "c", group: 0, from: "n1", to: peer, service: "echo", introduction: none },
    });
  });

  test("refuses the answer to another call", async () => {
    await expect(make(answering({ callId: 2 }))).rejects.toMatchObject({ reason: "refused" });
  });

  test("reports the text of a refusal, up to its limit", async () => {
    const content = new TextEncoder().encode("x".repeat(10_000));
    const error = await make(answering({ status: "failed", content })).catch((thrown) => thrown);
    expect(error).toMatchObject({ reason: "refused", mistake: undefined });
    expect(error.message).toBe(`n2 refused, failed: ${"x".repeat(rpcLimits.refusalLength)}`);
  });

  test("refuses bytes that are not a reply", async () => {
    await expect(make(async () => Uint8Array.of(4))).rejects.toMatchObject({
      reason: "refused",
      mistake: "its reply can't be read: reply: ends too early",
    });
  });

  test("is unreachable if nothing carries its bytes", async () => {
    await expect(make(() => Promise.reject(new Error("no route")))).rejects.toMatchObject({
      name: "TransportError",
      reason: "unreachable",
      message: expect.stringContaining("no route"),
    });
  });

  test("that was ended ends its transport too", async () => {
    const controller = new AbortController();
    let carried: AbortSignal | undefined;
    const call = newEndpoint().call(
      { to: peer, service: "echo", payload, signal: controller.signal },
      (_, ended) => {
        carried = ended();
        return new Promise(() => {});
      },
    );
    expect(carried?.aborted).toBe(false);
    controller.abort();
    expect(carried?.aborted).toBe(true);
    await expect(call).rejects.toMatchObject({ reason: "timeout" });
  });
});

describe("the introduction of a call", () => {
  const one: Introduction = { clusterUid: undefined, use: undefined, receiver: undefined };
  const other: Introduction = { ...one, clusterUid: new Uint8Array(16).fill(7) };

  test("is the newest, though the header is written once", async () => {
    const endpoint = newEndpoint();
    let own = one;
    endpoint.introduce({ to: () => own, refusal: () => undefined });
    const said: Uint8Array[] = [];
    const roundTrip: RoundTrip = (message, ended) => {
      said.push(decodeHeader(decodeCall(message).header).introduction);
      return answering({})(message, ended);
    };
    await make(roundTrip, endpoint);
    await make(roundTrip, endpoint);
    own = other;
    await make(roundTrip, endpoint);
    expect(said).toStrictEqual([one, one, other].map(introductionBytes));
  });

  test("of an answer is judged before anything else of it", async () => {
    const endpoint = newEndpoint();
    const judged: (Introduction | undefined)[] = [];
    endpoint.introduce({
      to: () => one,
      refusal: (_, introduction) => {
        judged.push(introduction);
        return judged.length === 1 ? "of another cluster" : undefined;
      },
    });
    const roundTrip = answering({ introduction: introductionBytes(other), status: "failed" });
    await expect(make(roundTrip, endpoint)).rejects.toThrow("of another cluster");
    await expect(make(roundTrip, endpoint)).rejects.toThrow("n2 refused, failed");
    expect(judged[0]).toStrictEqual(other);
    expect(judged[1]).toBe(judged[0]);
  });
});

describe("a call of Raft", () => {
  const [sample] = raftSamples;
  if (sample === undefined) throw new Error("no samples");

  function callWith(reply: Uint8Array | TransportError): Promise<unknown> {
    const service = raftService({
      serve: async () => {},
      call: () => (reply instanceof TransportError ? Promise.reject(reply) : Promise.resolve(reply)),
      [Symbol.asyncDispose]: async () => {},
    });
    return service.call(peer, sample?.request as never, forever);
  }

  test("refuses the reply to a request of another type", async () => {
    await expect(callWith(Uint8Array.of(2, 0, 1, 1))).rejects.toMatchObject({
      reason: "refused",
      message: "n2 replied to requestVote with installSnapshot",
    });
  });

  test("refuses a payload that is not a reply", async () => {
    await expect(callWith(Uint8Array.of(9))).rejects.toMatchObject({
      reason: "refused",
      mistake: "its reply can't be read: reply of Raft: unknown type",
    });
  });

  test("fails as the transport does", async () => {
    const failure = new TransportError("unreachable", "nobody there");
    await expect(callWith(failure)).rejects.toBe(failure);
  });
});

test("one endpoint decodes the reply of another", async () => {
  const [asks, answers] = [newEndpoint(), new Endpoint({ clusterId: "c", self: peer })];
  await answers.serve("echo", async (_, asked) => asked);
  const roundTrip: RoundTrip = async (message) => (await answers.handle(message)).bytes;
  expect(await make(roundTrip, asks)).toStrictEqual(payload);
  answers[Symbol.dispose]();
  await expect(make(roundTrip, asks)).rejects.toThrow("n2 refused, noSuchService: echo is not served here");
  expect(decodeReply((await answers.handle(none)).bytes).status).toBe("malformed");
});
