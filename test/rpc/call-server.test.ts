import { describe, expect, test, vi } from "vitest";
import type { Introduction, ServiceHandler } from "../../src/ports/index.ts";
import { replicaId } from "../../src/raft/index.ts";
import {
  type CallHeader,
  decodeReply,
  Endpoint,
  encodeCall,
  encodeHeader,
  MalformedMessage,
  rpcLimits,
} from "../../src/rpc/index.ts";
import { introductionBytes } from "../../src/rpc/introduction.ts";

const none = new Uint8Array();
const payload = Uint8Array.of(1, 2, 3);
const addresses: CallHeader = {
  clusterId: "c",
  group: 0,
  from: replicaId("n1"),
  to: replicaId("n2"),
  service: "echo",
  introduction: none,
};

function call(change: Partial<CallHeader> = {}): Uint8Array {
  return encodeCall({ header: encodeHeader({ ...addresses, ...change }), callId: 7, payload });
}

async function serving(handler: ServiceHandler = async (_, asked) => asked): Promise<Endpoint> {
  const endpoint = new Endpoint({ clusterId: "c", self: addresses.to });
  await endpoint.serve("echo", handler);
  return endpoint;
}

/** The decoded status and text of a refusal. */
async function answered(endpoint: Endpoint, message: Uint8Array, service?: string) {
  const { status, bytes } = await endpoint.handle(message, { service });
  const { content, ...answer } = decodeReply(bytes);
  expect(answer.status).toBe(status);
  return { ...answer, text: new TextDecoder().decode(content) };
}

const throwing: ServiceHandler = () => {
  throw new Error("no disk");
};
const unreadable: ServiceHandler = async () => {
  throw new MalformedMessage("not a request");
};

describe("an answer", () => {
  test("is the handler's reply, under the number of the call", async () => {
    const { status, bytes } = await (await serving()).handle(call());
    expect(status).toBe("ok");
    expect(decodeReply(bytes)).toStrictEqual({ status, callId: 7, introduction: none, content: payload });
  });

  test.each([
    ["of another cluster", { clusterId: "d" }, undefined, ["misdirected", "this is cluster c, not d"]],
    ["of another group", { group: 3 }, undefined, ["misdirected", "this is group 0 of the cluster, not 3"]],
    ["to another replica", { to: replicaId("n3") }, undefined, ["misdirected", "this is replica n2, not n3"]],
    [
      "to a service that is not there",
      { service: "kv" },
      undefined,
      ["noSuchService", "kv is not served here"],
    ],
    ["whose handler throws", {}, throwing, ["failed", "no disk"]],
    ["whose handler rejects", {}, () => Promise.reject("no disk"), ["failed", "no disk"]],
    ["whose handler can't read it", {}, unreadable, ["malformed", "not a request"]],
  ] as const)("to a call %s is a refusal, each time", async (_, change, handler, [status, text]) => {
    const endpoint = await serving(handler);
    const refusal = { status, callId: 7, introduction: none, text };
    expect(await answered(endpoint, call(change))).toStrictEqual(refusal);
    expect(await answered(endpoint, call(change))).toStrictEqual(refusal);
  });

  test("to a call of another service than its path names is a refusal", async () => {
    const endpoint = await serving();
    await endpoint.serve("raft", throwing);
    expect(await answered(endpoint, call(), "raft")).toMatchObject({
      status: "malformed",
      text: "a call of echo on the path of raft",
    });
    expect((await endpoint.handle(call(), { service: "echo" })).status).toBe("ok");
  });

  test("to bytes that are not a call says what is wrong with them", async () => {
    const refusal = await answered(await serving(), call().slice(0, 9));
    expect(refusal).toMatchObject({ status: "malformed", callId: 0, text: "call: ends too early" });
  });

  test("that is a refusal has a text which is cut to its limit", async () => {
    const refusal = await answered(await serving(() => Promise.reject(new Error("ä".repeat(1000)))), call());
    expect(refusal.text).toBe("ä".repeat(rpcLimits.refusalLength));
  });

  test("is a refusal if the reply is larger than any may be", async () => {
    const endpoint = await serving(async () => new Uint8Array(rpcLimits.payloadBytes + 1));
    expect(await answered(endpoint, call())).toMatchObject({ status: "failed", callId: 7 });
  });
});

describe("the sender's introduction", () => {
  const introduction: Introduction = {
    clusterUid: new Uint8Array(16).fill(7),
    use: { storage: 1, starts: 2, boot: 3 },
    receiver: undefined,
  };
  const introduced = call({ introduction: introductionBytes(introduction) });

  test("is judged in every message, and is the same object as long as its bytes are the same", async () => {
    const endpoint = await serving();
    await endpoint.serve("other", async () => none);
    const refusal = vi.fn<(_: unknown, said: Introduction | undefined) => string | undefined>();
    endpoint.introduce({ to: () => introduction, refusal });
    await endpoint.handle(introduced);
    await endpoint.handle(introduced);
    await endpoint.handle(call({ service: "other", introduction: introductionBytes(introduction) }));
    expect(refusal).toHaveBeenCalledTimes(3);
    const [[, first] = [], ...others] = refusal.mock.calls;
    expect(first).toStrictEqual(introduction);
    for (const [, said] of others) expect(said).toBe(first);
  });

  test("that is refused once may be accepted later, and vice versa", async () => {
    const endpoint = await serving();
    let problem: string | undefined = "an older copy";
    endpoint.introduce({ to: () => introduction, refusal: () => problem });
    const refused = {
      status: "misdirected",
      text: "an older copy",
      introduction: introductionBytes(introduction),
    };
    expect(await answered(endpoint, introduced)).toMatchObject(refused);
    problem = undefined;
    expect((await endpoint.handle(introduced)).status).toBe("ok");
    problem = "an older copy";
    expect(await answered(endpoint, introduced)).toMatchObject(refused);
  });
});

test("headers beyond the remembered ones are decoded again, with the same replies", async () => {
  const endpoint = await serving();
  for (let round = 0; round < 2; round++) {
    for (let peer = 0; peer < 100; peer++) {
      const from = replicaId(`peer-${peer}`);
      expect((await endpoint.handle(call({ from }))).status).toBe("ok");
    }
  }
});

test("a remembered header does not change with the bytes that it came in", async () => {
  const endpoint = await serving(async (from) => new TextEncoder().encode(from));
  const message = call();
  await endpoint.handle(message);
  message.fill(0);
  expect(await answered(endpoint, call())).toMatchObject({ status: "ok", text: "n1" });
});
