import { describe, expect, test } from "vitest";
import type { Seal } from "../../src/ports/index.ts";
import { type ReplicaId, replicaId } from "../../src/raft/index.ts";
import {
  Endpoint,
  type EndpointOptions,
  encodeSealHead,
  joinSealed,
  type RefusedMessage,
  splitSealed,
} from "../../src/rpc/index.ts";
import { ReplayWindow, WINDOW } from "../../src/rpc/sealed/replay-window.ts";
import { quickSeal } from "../../src/testing/quick-seal.ts";

const [n1, n2] = [replicaId("n1"), replicaId("n2")];
const payload = Uint8Array.of(1, 2, 3);
const nothing = new Uint8Array();

/** A source of numbers that is the same in every run. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function sealOf(secret = "secret", seed = 1): Seal {
  return quickSeal(secret, numbers(seed));
}

/** An endpoint that answers `echo`, and counts its calls. */
async function endpointOf(self: ReplicaId, options: Partial<EndpointOptions> = {}) {
  const endpoint = new Endpoint({
    clusterId: "c",
    self,
    seal: sealOf("secret", self === n1 ? 7 : 8),
    ...options,
  });
  let calls = 0;
  await endpoint.serve("echo", async (_, asked) => {
    calls++;
    return asked;
  });
  return { endpoint, calls: () => calls };
}

/** Calls n2 through a network that may change what it carries. */
function callBy(
  caller: Endpoint,
  carry: (bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const signal = new AbortController().signal;
  return caller.call({ to: n2, service: "echo", payload, signal }, carry);
}

describe("the replay window", () => {
  test("takes each number once in any order, as a set that forgets the oldest does", () => {
    const random = numbers(3);
    const window = new ReplayWindow();
    const seen = new Set<number>();
    let newest = 0;
    for (let turn = 0; turn < 20_000; turn++) {
      const jump = random() < 0.01 ? WINDOW * 2 : 40;
      const sequence = Math.max(1, newest + Math.round((random() - 0.6) * jump));
      const isExpected = sequence > newest - WINDOW && !seen.has(sequence);
      expect(window.isNew(sequence)).toBe(isExpected);
      if (!isExpected) continue;
      window.add(sequence);
      seen.add(sequence);
      newest = Math.max(newest, sequence);
    }
  });

  test("takes numbers up to the largest safe integer", () => {
    const window = new ReplayWindow();
    window.add(Number.MAX_SAFE_INTEGER);
    expect(window.isNew(Number.MAX_SAFE_INTEGER)).toBe(false);
    expect(window.isNew(Number.MAX_SAFE_INTEGER - WINDOW + 1)).toBe(true);
    expect(window.isNew(Number.MAX_SAFE_INTEGER - WINDOW)).toBe(false);
  });

  test("holds the assertion that a message is added once", () => {
    const window = new ReplayWindow();
    window.add(5);
    expect(() => window.add(5)).toThrow("taken once");
  });
});

describe("a sealed call", () => {
  test("asks for the number of the peer's process at first, and from then on goes in one exchange", async () => {
    const [one, two] = [await endpointOf(n1), await endpointOf(n2)];
    const kinds: (string | undefined)[] = [];
    const carry = async (bytes: Uint8Array) => {
      kinds.push(splitSealed(bytes)?.kind);
      return (await two.endpoint.handle(bytes)).bytes;
    };
    expect(await callBy(one.endpoint, carry)).toEqual(payload);
    expect(await callBy(one.endpoint, carry)).toEqual(payload);
    expect(kinds).toEqual(["hello", "call", "call"]);
  });

  test("goes again to a new process of the peer, once, after a hello", async () => {
    const one = await endpointOf(n1);
    let two = await endpointOf(n2);
    const kinds: (string | undefined)[] = [];
    const carry = async (bytes: Uint8Array) => {
      kinds.push(splitSealed(bytes)?.kind);
      return (await two.endpoint.handle(bytes)).bytes;
    };
    await callBy(one.endpoint, carry);
    two = await endpointOf(n2, { seal: sealOf("secret", 99) });
    expect(await callBy(one.endpoint, carry)).toEqual(payload);
    expect(kinds).toEqual(["hello", "call", "call", "hello", "call"]);
    expect(two.calls()).toBe(1);
  });

  test("does not take the sealed reply to another call, nor an altered one, nor one without a seal", async () => {
    const [one, two] = [await endpointOf(n1), await endpointOf(n2)];
    const honest = async (bytes: Uint8Array) => (await two.endpoint.handle(bytes)).bytes;
    let earlier: Uint8Array = nothing;
    await callBy(one.endpoint, async (bytes) => {
      earlier = await honest(bytes);
      return earlier;
    });
    await expect(callBy(one.endpoint, async () => earlier)).rejects.toMatchObject({ reason: "refused" });
    const altered = async (bytes: Uint8Array) => {
      const reply = (await honest(bytes)).slice();
      reply[reply.length - 1] = (reply.at(-1) ?? 0) ^ 1;
      return reply;
    };
    await expect(callBy(one.endpoint, altered)).rejects.toThrow("the seal of its answer is wrong");
    const { endpoint: bare } = await endpointOf(n2, { seal: undefined });
    const unsealed = async (bytes: Uint8Array) => (await bare.handle(bytes)).bytes;
    await expect(callBy(one.endpoint, unsealed)).rejects.toThrow("--secret-file");
  });

  test("is refused for good by a peer with another secret, and the error says what to do", async () => {
    const [one, two] = [await endpointOf(n1), await endpointOf(n2, { seal: sealOf("another") })];
    let carried = 0;
    const carry = async (bytes: Uint8Array) => {
      carried++;
      return (await two.endpoint.handle(bytes)).bytes;
    };
    await expect(callBy(one.endpoint, carry)).rejects.toMatchObject({
      reason: "refused",
      mistake: "it takes no message of this replica: both need the same secret (--secret-file)",
    });
    expect(carried).toBe(1);
  });
});

describe("a receiver", () => {
  test("tells why it refuses, and from where, before it decodes anything", async () => {
    const refusals: RefusedMessage[] = [];
    const { endpoint } = await endpointOf(n2, { refused: (refusal) => refusals.push(refusal) });
    const send = (bytes: Uint8Array) => endpoint.handle(bytes, { address: "10.0.0.9" });
    const head = (kind: "call" | "reply" | "hello", receiver: number) =>
      encodeSealHead({ kind, keyNumber: 1, sender: 5, receiver, sequence: 1 });
    const tag = new Uint8Array(16);
    const messages = [
      Uint8Array.of(3, 1),
      Uint8Array.of(0xd2, 1),
      joinSealed(head("reply", 0), tag, nothing),
      joinSealed(head("hello", 0), tag, nothing),
      joinSealed(head("call", 4), tag, payload),
    ];
    for (const bytes of messages)
      expect(await send(bytes)).toEqual({ status: "unauthorized", bytes: nothing });
    expect(refusals.map(({ reason }) => reason)).toEqual([
      "unsealed",
      "malformed",
      "malformed",
      "forged",
      "otherProcess",
    ]);
    expect(refusals[0]?.address).toBe("10.0.0.9");
    expect(endpoint.sealing).toEqual({ keyNumber: 1, unsealed: 0, refused: messages.length });
  });

  test("takes another number after 1,024 senders, so that it forgets none whose messages it would take again", async () => {
    const { endpoint, calls } = await endpointOf(n2);
    const carry = async (bytes: Uint8Array) => (await endpoint.handle(bytes)).bytes;
    let first: Uint8Array = nothing;
    for (let sender = 1; sender <= 1025; sender++) {
      const one = await endpointOf(n1, { seal: sealOf("secret", 1000 + sender) });
      await callBy(one.endpoint, (bytes) => {
        if (splitSealed(bytes)?.kind === "call" && first === nothing) first = bytes.slice();
        return carry(bytes);
      });
    }
    expect(calls()).toBe(1025);
    expect((await endpoint.handle(first)).status).toBe("unauthorized");
    expect(calls()).toBe(1025);
  });
});

describe("presence", () => {
  test.each([
    ["with a seal", { seal: sealOf() }],
    ["without a seal", { seal: undefined }],
  ])("%s, a process learns of another one of its replica, and not of itself", async (_, options) => {
    const one = await endpointOf(n1, options);
    const other = await endpointOf(n1, options);
    const question = one.endpoint.presence.question();
    expect(one.endpoint.presence.answer(question.bytes)).toBeUndefined();
    const answer = other.endpoint.presence.answer(question.bytes);
    expect(answer && question.isAnswer(answer)).toBe(true);
  });

  test("with a seal, an answer without the right seal does not count", async () => {
    const { endpoint } = await endpointOf(n1);
    const question = endpoint.presence.question();
    expect(question.isAnswer(Uint8Array.of(1, 2, 3))).toBe(false);
    expect(question.isAnswer(question.bytes)).toBe(false);
  });
});
