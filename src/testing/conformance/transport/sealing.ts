import type { Seal, Transport } from "../../../ports/index.ts";
import type { ReplicaId } from "../../../raft/index.ts";
import {
  type CallHeader,
  decodeReply,
  encodeCall,
  encodeHeader,
  encodeSealHead,
  GROUP,
  joinSealed,
  SEAL_BYTES,
  splitSealed,
} from "../../../rpc/index.ts";
import { assert, assertEqual } from "../../assert.ts";
import { quickSeal } from "../../quick-seal.ts";
import { assertFails, n1, n2, n3, type TransportCase, type TransportFixture } from "./fixture.ts";
import { anyRequest, ask, numbered, service } from "./services.ts";

const nothing = new Uint8Array();

/** A seal of the cluster's secret, or of another. */
function sealOf(secret = "the cluster's"): Seal {
  return quickSeal(secret, Math.random);
}

/** Brings up a replica that seals its messages. Counts the calls that its handler gets. */
async function startSealed(
  fixture: TransportFixture,
  id = n2,
  options: { readonly seal?: Seal; readonly peerAuth?: "accept" } = { seal: sealOf() },
): Promise<{ readonly transport: Transport; readonly calls: () => number }> {
  let calls = 0;
  const transport = await fixture.start(id, options);
  await transport.serve(service, async () => numbered(++calls));
  return { transport, calls: () => calls };
}

/** Another process with the name n1, which writes its messages by hand. */
class HandMade {
  readonly #fixture: TransportFixture;
  readonly #seal: Seal;
  readonly #boot: number;
  /** The boot number of n2's process. */
  receiver = 0;

  private constructor(fixture: TransportFixture, seal: Seal) {
    this.#fixture = fixture;
    this.#seal = seal;
    this.#boot = seal.newBoot();
  }

  static async greeted(fixture: TransportFixture, seal = sealOf()): Promise<HandMade> {
    const process = new HandMade(fixture, seal);
    const answer = await process.send(process.sealed("hello", 1, nothing));
    process.receiver = splitSealed(answer)?.sender ?? 0;
    assert(process.receiver > 0, "a hello is answered");
    return process;
  }

  call(sequence: number, other: Partial<CallHeader> = {}): Uint8Array<ArrayBuffer> {
    const { clusterId } = this.#fixture;
    const addresses = { clusterId, group: GROUP, from: n1, to: n2, service };
    const header = encodeHeader({ ...addresses, introduction: nothing, ...other });
    return this.sealed("call", sequence, encodeCall({ header, callId: 1, payload: anyRequest }));
  }

  sealed(kind: "call" | "hello", sequence: number, message: Uint8Array): Uint8Array<ArrayBuffer> {
    const { keyNumber } = this.#seal;
    const head = encodeSealHead({ kind, keyNumber, sender: this.#boot, receiver: this.receiver, sequence });
    const { tag, content } = this.#seal.seal(head, nothing, message);
    return joinSealed(head, tag, content);
  }

  send(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
    return this.#fixture.sendRaw(n2, service, bytes);
  }

  /** The status in the sealed reply to a call. */
  async statusOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
    const reply = splitSealed(await this.send(bytes));
    assert(reply !== undefined, "the reply is sealed");
    const content = this.#seal.open(reply.head, bytes.subarray(SEAL_BYTES - 16, SEAL_BYTES), reply);
    assert(content !== undefined, "the seal of the reply belongs to the call");
    return decodeReply(content).status;
  }

  async assertRefused(bytes: Uint8Array<ArrayBuffer>, what: string): Promise<void> {
    assertEqual((await this.send(bytes)).length, 0, `bytes in the answer to ${what}`);
  }
}

export const sealing: readonly TransportCase[] = [
  {
    name: "sealed replicas call each other, and say that they are sealed",
    async run(fixture) {
      const one = await startSealed(fixture, n1);
      const two = await startSealed(fixture, n2);
      assertEqual(await ask(one.transport, n2), numbered(1), "the first reply");
      assertEqual(await ask(two.transport, n1), numbered(1), "the reply the other way");
      assertEqual(await ask(one.transport, n2), numbered(2), "the second reply");
      assertEqual(two.transport.sealing, { keyNumber: 1, unsealed: 0, refused: 0 }, "the health of the seal");
    },
  },
  {
    name: "a call without a seal is refused unread, and so is one of a replica without the secret",
    async run(fixture) {
      const { calls, transport } = await startSealed(fixture);
      const answer = await fixture.sendRaw(n2, service, unsealedCall(fixture, n2));
      assertEqual(answer.length, 0, "bytes in the answer");
      await assertFails(ask(await fixture.start(n1), n2), "refused");
      assertEqual([calls(), transport.sealing?.refused], [0, 2], "calls of the handler, and refusals");
    },
  },
  {
    name: "a call under another secret is refused unread",
    async run(fixture) {
      const { calls } = await startSealed(fixture);
      const other = await startSealed(fixture, n1, { seal: sealOf("another") });
      await assertFails(ask(other.transport, n2), "refused");
      assertEqual(calls(), 0, "calls of the handler");
    },
  },
  {
    name: "a sealed replica takes no reply of one without a seal",
    async run(fixture) {
      const { calls } = await startSealed(fixture, n2, {});
      await assertFails(ask((await startSealed(fixture, n1)).transport, n2), "refused");
      assertEqual(calls(), 0, "calls of the handler");
    },
  },
  {
    name: "a sealed call that names another replica, sender or cluster is refused by a sealed reply",
    async run(fixture) {
      const { calls } = await startSealed(fixture);
      const process = await HandMade.greeted(fixture);
      assertEqual(await process.statusOf(process.call(2, { to: n3 })), "misdirected", "the status for n3");
      const other = process.call(3, { clusterId: "another" });
      assertEqual(await process.statusOf(other), "misdirected", "the status for a cluster");
      assertEqual(await process.statusOf(process.call(4)), "ok", "the status of the right one");
      assertEqual(calls(), 1, "calls of the handler");
    },
  },
  {
    name: "a sealed call that was cut, lengthened or altered is refused unread",
    async run(fixture) {
      const { calls } = await startSealed(fixture);
      const process = await HandMade.greeted(fixture);
      const call = process.call(2);
      await process.assertRefused(call.slice(0, -1), "a call that was cut");
      await process.assertRefused(call.slice(0, SEAL_BYTES - 1), "half of a seal");
      await process.assertRefused(Uint8Array.of(...call, 0), "a longer call");
      for (let at = 0; at < call.length; at += 7) {
        const altered = call.slice();
        altered[at] = (altered[at] ?? 0) ^ 0x10;
        await process.assertRefused(altered, `a call with another byte ${at}`);
      }
      assertEqual(await process.statusOf(call), "ok", "the status of the whole call");
      assertEqual(calls(), 1, "calls of the handler");
    },
  },
  {
    name: "a sealed call that comes twice is taken once",
    async run(fixture) {
      const { calls } = await startSealed(fixture);
      const process = await HandMade.greeted(fixture);
      const call = process.call(2);
      assertEqual(await process.statusOf(call), "ok", "the status of the first");
      await process.assertRefused(call, "the second");
      assertEqual(calls(), 1, "calls of the handler");
    },
  },
  {
    name: "sealed calls that overtake each other are taken, unless thousands came in between",
    async run(fixture) {
      const { calls } = await startSealed(fixture);
      const process = await HandMade.greeted(fixture);
      for (const sequence of [5000, 905, 4999, 4000]) {
        assertEqual(await process.statusOf(process.call(sequence)), "ok", `the status of call ${sequence}`);
      }
      await process.assertRefused(process.call(904), "a call older than the window");
      assertEqual(calls(), 4, "calls of the handler");
    },
  },
  {
    name: "a sealed call for an earlier process is refused unread, and a caller then calls the new one",
    async run(fixture) {
      const caller = (await startSealed(fixture, n1)).transport;
      await startSealed(fixture);
      const process = await HandMade.greeted(fixture);
      assertEqual(await ask(caller, n2), numbered(1), "the reply of the first process");
      await fixture.stop(n2);
      const second = await startSealed(fixture);
      await process.assertRefused(process.call(2), "a call for the first process");
      assertEqual(second.calls(), 0, "calls of the handler");
      assertEqual(await ask(caller, n2), numbered(1), "the reply of the second process");
    },
  },
  {
    name: "a replica that accepts both speaks with sealed and with unsealed ones, and counts the latter",
    async run(fixture) {
      const both = await startSealed(fixture, n1, { seal: sealOf(), peerAuth: "accept" });
      await startSealed(fixture, n2, {});
      await startSealed(fixture, n3);
      assertEqual(await ask(both.transport, n2), numbered(1), "the reply without a seal");
      assertEqual(await ask(both.transport, n2), numbered(2), "the second reply without a seal");
      assertEqual(await ask(both.transport, n3), numbered(1), "the sealed reply");
      const unsealed = await fixture.sendRaw(n1, service, unsealedCall(fixture, n1));
      assertEqual(decodeReply(unsealed).status, "ok", "the status of a call without a seal");
      assertEqual(both.transport.sealing?.unsealed, 1, "unsealed calls taken");
    },
  },
];

function unsealedCall({ clusterId }: TransportFixture, to: ReplicaId): Uint8Array<ArrayBuffer> {
  const addresses = { clusterId, group: GROUP, from: n3, to, service };
  const header = encodeHeader({ ...addresses, introduction: nothing });
  return encodeCall({ header, callId: 1, payload: anyRequest });
}
