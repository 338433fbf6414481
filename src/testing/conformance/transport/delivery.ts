import type { ReplicaId } from "../../../raft/index.ts";
import { assertEqual } from "../../assert.ts";
import { happening, n1, n2, n3, patient, type TransportCase } from "./fixture.ts";
import { ask, numbered, service, startServing } from "./services.ts";

function manyBytes(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at * 31) & 0xff);
}

const payloads: readonly (readonly [name: string, payload: Uint8Array])[] = [
  ["no bytes", new Uint8Array(0)],
  ["one byte", Uint8Array.of(0)],
  ["all bytes that there are", Uint8Array.from({ length: 256 }, (_, byte) => byte)],
  ["many bytes", manyBytes(100_000)],
];

const roundTrips: readonly TransportCase[] = payloads.map(([name, payload]) => ({
  name: `a payload arrives as it was sent, and so does its reply: ${name}`,
  async run(fixture) {
    const seen: [ReplicaId, Uint8Array][] = [];
    const caller = await fixture.start(n1);
    await startServing(fixture, n2, async (...call) => {
      seen.push(call);
      return payload;
    });
    assertEqual(await caller.call(n2, service, payload, patient()), payload, "the reply");
    assertEqual(seen, [[n1, payload]], "what the handler was asked");
  },
}));

export const delivery: readonly TransportCase[] = [
  ...roundTrips,
  {
    name: "replicas call each other at the same time, both ways",
    async run(fixture) {
      const replicas = [
        await startServing(fixture, n1, async () => numbered(1)),
        await startServing(fixture, n2, async () => numbered(2)),
      ] as const;
      const replies = await Promise.all([ask(replicas[0], n2), ask(replicas[1], n1)]);
      assertEqual(replies, [numbered(2), numbered(1)], "the replies");
    },
  },
  {
    name: "a handler that is busy with a call may make one to its caller",
    async run(fixture) {
      const first = await startServing(fixture, n1, async () => numbered(1));
      const second = await startServing(fixture, n2, () => ask(second, n1));
      assertEqual(await ask(first, n2), numbered(1), "the reply that was passed on");
    },
  },
  {
    name: "of three replicas each reaches each other, and every handler learns who asks",
    async run(fixture) {
      const ids = [n1, n2, n3];
      const seen: string[] = [];
      const calls: (() => Promise<unknown>)[] = [];
      for (const id of ids) {
        const transport = await startServing(fixture, id, async (from) => {
          seen.push(`${from} asks ${id}`);
          return numbered(1);
        });
        for (const to of ids) if (to !== id) calls.push(() => ask(transport, to));
      }
      await Promise.all(calls.map((call) => call()));
      const pairs = ids.flatMap((from) => ids.filter((to) => to !== from).map((to) => `${from} asks ${to}`));
      assertEqual(seen.sort(), pairs.sort(), "who asked whom");
    },
  },
  {
    name: "of many calls at once each gets its own reply, in any order",
    async run(fixture) {
      const count = 200;
      const release: (() => void)[] = [];
      const caller = await fixture.start(n1);
      const all = happening();
      await startServing(fixture, n2, async (_, payload) => {
        await new Promise<void>((resolve) => {
          if (release.push(resolve) === count) all.happens();
        });
        return payload;
      });
      const calls = Array.from({ length: count }, (_, n) => caller.call(n2, service, numbered(n), patient()));
      await all.promise;
      for (const reply of release.reverse()) reply();
      const expected = Array.from({ length: count }, (_, n) => numbered(n));
      assertEqual(await Promise.all(calls), expected, "the replies");
    },
  },
  {
    name: "services are asked apart from each other",
    async run(fixture) {
      const caller = await fixture.start(n1);
      const peer = await startServing(fixture, n2, async () => numbered(1));
      const longest = "a-service-with-32-characters-123";
      await peer.serve(longest, async () => numbered(2));
      await peer.serve("2", async () => numbered(3));
      const names = [service, longest, "2"];
      const replies = await Promise.all(
        names.map((name) => caller.call(n2, name, new Uint8Array(), patient())),
      );
      assertEqual(replies, [numbered(1), numbered(2), numbered(3)], "the replies");
    },
  },
  {
    name: "as much as it says that it carries passes unaltered, both ways",
    async run(fixture) {
      const caller = await fixture.start(n1);
      await startServing(fixture, n2, async (_, payload) => payload);
      const payload = manyBytes(caller.maxPayloadBytes ?? 4 << 20);
      assertEqual(await caller.call(n2, service, payload, patient()), payload, "the reply");
    },
  },
];
