import { type Transport, TransportError } from "../../../ports/index.ts";
import { replicaId } from "../../../raft/index.ts";
import { type CallHeader, decodeReply, encodeCall, encodeHeader, GROUP } from "../../../rpc/index.ts";
import { assert, assertEqual, assertRejects } from "../../assert.ts";
import { assertFails, n1, n2, n3, patient, type TransportCase, type TransportFixture } from "./fixture.ts";
import { anyRequest, ask, numbered, service, startServing } from "./services.ts";

/** Sends bytes that must not reach a handler. */
async function assertRawRefused(fixture: TransportFixture, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  let asked = 0;
  await startServing(fixture, n2, async () => {
    asked++;
    return numbered(1);
  });
  const answer = decodeReply(await fixture.sendRaw(n2, service, bytes));
  assert(answer.status !== "ok", "the answer is a refusal");
  assertEqual(asked, 0, "calls of the handler");
}

function callBytes(
  { clusterId }: TransportFixture,
  other: Partial<CallHeader> = {},
): Uint8Array<ArrayBuffer> {
  const addresses = { clusterId, group: GROUP, from: n1, to: n2, service };
  const header = encodeHeader({ ...addresses, introduction: new Uint8Array(), ...other });
  return encodeCall({ header, callId: 1, payload: anyRequest });
}

export const refusals: readonly TransportCase[] = [
  {
    name: "a peer that nobody knows is unreachable",
    async run(fixture) {
      const caller = await fixture.start(n1);
      await assertFails(ask(caller, replicaId("unknown")), "unreachable");
    },
  },
  {
    name: "a peer that is not up is unreachable",
    async run(fixture) {
      const caller = await fixture.start(n1);
      await assertFails(ask(caller, n3), "unreachable");
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
    run: (fixture) => assertRawRefused(fixture, callBytes(fixture).slice(0, -1 - anyRequest.length)),
  },
  {
    name: "a call of another cluster is refused, and no handler sees it",
    run: (fixture) => assertRawRefused(fixture, callBytes(fixture, { clusterId: "another" })),
  },
  {
    name: "a call that is meant for another replica is refused, and no handler sees it",
    run: (fixture) => assertRawRefused(fixture, callBytes(fixture, { to: n3 })),
  },
  {
    name: "a call of another Raft group is refused, and no handler sees it",
    run: (fixture) => assertRawRefused(fixture, callBytes(fixture, { group: GROUP + 1 })),
  },
  {
    name: "a call that was sent to a service and is one of another does not reach the handler of the former",
    async run(fixture) {
      let asked = 0;
      const peer = await startServing(fixture, n2, async () => numbered(++asked));
      await peer.serve("another", async () => numbered(2));
      await fixture.sendRaw(n2, service, callBytes(fixture, { service: "another" }));
      assertEqual(asked, 0, "calls of the handler");
    },
  },
  {
    name: "a call sent raw is answered where nothing is wrong with it",
    async run(fixture) {
      await startServing(fixture, n2, async () => numbered(1));
      const answer = decodeReply(await fixture.sendRaw(n2, service, callBytes(fixture)));
      assertEqual(
        { status: answer.status, callId: answer.callId, content: Uint8Array.from(answer.content) },
        { status: "ok", callId: 1, content: numbered(1) },
        "the answer",
      );
    },
  },
  {
    name: "a service that is not served is refused, until it is",
    async run(fixture) {
      const caller = await fixture.start(n1);
      const peer = await fixture.start(n2);
      await assertFails(ask(caller, n2), "refused");
      await peer.serve("another", async () => numbered(2));
      await assertFails(ask(caller, n2), "refused");
      await peer.serve(service, async () => numbered(1));
      assertEqual(await ask(caller, n2), numbered(1), "the reply");
    },
  },
  {
    name: "a service has one handler, and a name that fits into a URL",
    async run(fixture) {
      const peer = await startServing(fixture, n2, async () => numbered(1));
      for (const name of [service, "", "A", "a.b", "a/b", "_a", "a-service-with-33-characters-1234"]) {
        const error = await assertRejects(
          peer.serve(name, async () => numbered(2)),
          `to serve ${name}`,
        );
        assert(error instanceof RangeError, `a RangeError, not ${String(error)}`);
      }
      const caller = await fixture.start(n1);
      assertEqual(await ask(caller, n2), numbered(1), "the reply");
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
        return numbered(calls);
      });
      const error: unknown = await ask(caller, n2).catch((reason: unknown) => reason);
      assert(error instanceof TransportError && error.reason === "refused", `refused, not ${String(error)}`);
      assert(error.message.includes("out of cheese"), `the reason, not ${error.message}`);
      assertEqual(await ask(caller, n2), numbered(2), "the next reply");
    },
  },
  {
    name: "a payload larger than it says that it carries is not sent, and the next call works",
    async run(fixture) {
      const caller = await fixture.start(n1);
      await startServing(fixture, n2, async () => numbered(1));
      const payload = new Uint8Array(tooMany(caller));
      await assertFails(caller.call(n2, service, payload, patient()), "tooLarge");
      assertEqual(await ask(caller, n2), numbered(1), "the next reply");
    },
  },
  {
    name: "a reply larger than it says that it carries is a refusal, and the next call works",
    async run(fixture) {
      const caller = await fixture.start(n1);
      const replies = [new Uint8Array(tooMany(caller)), numbered(2)];
      await startServing(fixture, n2, async () => replies.shift() ?? numbered(0));
      await assertFails(ask(caller, n2), "refused");
      assertEqual(await ask(caller, n2), numbered(2), "the next reply");
    },
  },
];

/** More than any transport carries, with any envelope. */
function tooMany({ maxPayloadBytes = 4 << 20 }: Transport): number {
  return maxPayloadBytes + 1024;
}
