import { TransportError } from "../../ports/index.ts";
import { type ReplicaId, replicaId } from "../../raft/index.ts";
import { decodeAnswer, encodeCall, rpcLimits } from "../../rpc/index.ts";
import { assert, assertEqual } from "../assert.ts";
import { assertFails, n1, n2, n3, patient, type TransportCase, type TransportFixture } from "./fixture.ts";
import { anyRequest } from "./samples.ts";
import { bothServices, startServing, written } from "./services.ts";

/** Sends bytes that must not reach a handler. */
async function assertRawRefused(fixture: TransportFixture, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  let asked = 0;
  await startServing(fixture, n2, async () => {
    asked++;
    return written(1);
  });
  const answer = decodeAnswer(await fixture.sendRaw(n2, anyRequest.type, bytes));
  assertEqual(answer.type, "refusal", "the answer");
  assertEqual(asked, 0, "calls of the handler");
}

interface Addresses {
  readonly clusterId: string;
  readonly to?: ReplicaId;
}

function callBytes({ clusterId, to = n2 }: Addresses): Uint8Array<ArrayBuffer> {
  return encodeCall({ clusterId, from: n1, to, callId: 1, request: anyRequest });
}

export const refusals: readonly TransportCase[] = [
  {
    name: "a peer that nobody knows is unreachable",
    async run(fixture) {
      const caller = await fixture.start(n1);
      await assertFails(caller.call(replicaId("stranger"), anyRequest, patient()), "unreachable");
    },
  },
  {
    name: "a peer that is not up is unreachable",
    async run(fixture) {
      const caller = await fixture.start(n1);
      await assertFails(caller.call(n3, anyRequest, patient()), "unreachable");
    },
  },
  {
    name: "bytes that are no call are refused, and no handler sees them",
    run: (fixture) => assertRawRefused(fixture, Uint8Array.of(0x9a, 0x06, 0xb9, 0x58, 0x0f)),
  },
  {
    name: "no bytes at all are refused",
    run: (fixture) => assertRawRefused(fixture, new Uint8Array(0)),
  },
  {
    name: "a call that was cut short is refused, and no handler sees it",
    run: (fixture) => assertRawRefused(fixture, callBytes(fixture).slice(0, -1)),
  },
  {
    name: "a call of another cluster is refused, and no handler sees it",
    run: (fixture) => assertRawRefused(fixture, callBytes({ clusterId: "another" })),
  },
  {
    name: "a call that is meant for another replica is refused, and no handler sees it",
    run: (fixture) => assertRawRefused(fixture, callBytes({ clusterId: fixture.clusterId, to: n3 })),
  },
  {
    name: "a call sent raw is answered where nothing is wrong with it",
    async run(fixture) {
      await startServing(fixture, n2, async () => written(1));
      const answer = decodeAnswer(await fixture.sendRaw(n2, anyRequest.type, callBytes(fixture)));
      assertEqual<unknown>(answer, { type: "reply", callId: 1, reply: written(1) }, "the answer");
    },
  },
  {
    name: "a service that is not served is refused, until it is",
    async run(fixture) {
      const caller = await fixture.start(n1);
      const peer = await fixture.start(n2);
      const { raft, kv } = bothServices(async () => written(1));
      await assertFails(caller.call(n2, anyRequest, patient()), "refused");
      await peer.serve({ raft });
      await assertFails(caller.call(n2, anyRequest, patient()), "refused");
      await peer.serve({ kv });
      assertEqual<unknown>(await caller.call(n2, anyRequest, patient()), written(1), "the reply");
    },
  },
  {
    name: "a handler that throws is a refusal which says why, and the next call works",
    async run(fixture) {
      const caller = await fixture.start(n1);
      let calls = 0;
      await startServing(fixture, n2, async () => {
        calls++;
        if (calls === 1) throw new Error("out of cheese");
        return written(calls);
      });
      const error: unknown = await caller.call(n2, anyRequest, patient()).catch((reason: unknown) => reason);
      assert(error instanceof TransportError && error.reason === "refused", `refused, not ${String(error)}`);
      assert(error.message.includes("out of cheese"), `the reason, not ${error.message}`);
      assertEqual<unknown>(await caller.call(n2, anyRequest, patient()), written(2), "the next reply");
    },
  },
  {
    name: "a request larger than any may be is not sent, and the next call works",
    async run(fixture) {
      const caller = await fixture.start(n1);
      await startServing(fixture, n2, async () => written(1));
      const key = new Uint8Array(rpcLimits.messageBytes);
      await assertFails(caller.call(n2, { type: "kvGet", key }, patient()), "tooLarge");
      assertEqual<unknown>(await caller.call(n2, anyRequest, patient()), written(1), "the next reply");
    },
  },
  {
    name: "a reply larger than any may be is a refusal, and the next call works",
    async run(fixture) {
      const caller = await fixture.start(n1);
      const replies = [
        { type: "value", value: new Uint8Array(rpcLimits.messageBytes), revision: 1 },
        { type: "value", value: undefined, revision: 2 },
      ] as const;
      let calls = 0;
      await startServing(fixture, n2, async () => replies[calls++] ?? written(0));
      await assertFails(caller.call(n2, anyRequest, patient()), "refused");
      assertEqual<unknown>(await caller.call(n2, anyRequest, patient()), replies[1], "the next reply");
    },
  },
];
