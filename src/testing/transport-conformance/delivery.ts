import type { RpcRequest } from "../../ports/index.ts";
import type { ReplicaId } from "../../raft/index.ts";
import { assertEqual } from "../assert.ts";
import { happening, n1, n2, n3, patient, type TransportCase } from "./fixture.ts";
import { anyRequest, samples } from "./samples.ts";
import { startServing, written } from "./services.ts";

/** What a command, and a write of the store, may have besides its bytes. */
const FIELDS_BYTES = 64;

function manyBytes(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at * 31) & 0xff);
}

const roundTrips: readonly TransportCase[] = samples.map(({ name, request, reply }) => ({
  name: `${request.type} and its reply arrive as they were sent: ${name}`,
  async run(fixture) {
    const seen: [ReplicaId, RpcRequest][] = [];
    const caller = await fixture.start(n1);
    await startServing(fixture, n2, async (...call) => {
      seen.push(call);
      return reply;
    });
    assertEqual(await caller.call(n2, request, patient()), reply, "the reply");
    assertEqual(seen, [[n1, request]], "what the handler was asked");
  },
}));

export const delivery: readonly TransportCase[] = [
  ...roundTrips,
  {
    name: "replicas call each other at the same time, both ways",
    async run(fixture) {
      const replicas = [
        await startServing(fixture, n1, async () => written(1)),
        await startServing(fixture, n2, async () => written(2)),
      ] as const;
      const replies = await Promise.all([
        replicas[0].call(n2, anyRequest, patient()),
        replicas[1].call(n1, anyRequest, patient()),
      ]);
      assertEqual(replies, [written(2), written(1)], "the replies");
    },
  },
  {
    name: "a handler that is busy with a call may make one to its caller",
    async run(fixture) {
      const first = await startServing(fixture, n1, async () => written(1));
      const second = await startServing(fixture, n2, () => second.call(n1, anyRequest, patient()));
      assertEqual(await first.call(n2, anyRequest, patient()), written(1), "the reply that was passed on");
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
          return written(1);
        });
        for (const to of ids) if (to !== id) calls.push(() => transport.call(to, anyRequest, patient()));
      }
      await Promise.all(calls.map((call) => call()));
      const pairs = ids.flatMap((from) => ids.filter((to) => to !== from).map((to) => `${from} asks ${to}`));
      assertEqual(seen.sort(), pairs.sort(), "who asked whom");
    },
  },
  {
    name: "of many calls at once each gets its own reply, in whatever order they come",
    async run(fixture) {
      const count = 200;
      const release: (() => void)[] = [];
      const caller = await fixture.start(n1);
      const all = happening();
      await startServing(fixture, n2, async (_, request) => {
        await new Promise<void>((resolve) => {
          if (release.push(resolve) === count) all.happens();
        });
        return written(request.type === "kvGet" ? (request.key[0] ?? -1) : -1);
      });
      const calls = Array.from({ length: count }, (_, n) =>
        caller.call(n2, { type: "kvGet", key: Uint8Array.of(n) }, patient()),
      );
      await all.promise;
      for (const reply of release.reverse()) reply();
      const expected = Array.from({ length: count }, (_, n) => written(n));
      assertEqual(await Promise.all<unknown>(calls), expected, "the replies");
    },
  },
  {
    name: "as much as it says that it carries passes unaltered, as a value, as an entry and as a chunk",
    async run(fixture) {
      const caller = await fixture.start(n1);
      const { maxPayloadBytes = 2 << 20 } = caller;
      const value = manyBytes(Math.min(1 << 20, maxPayloadBytes - FIELDS_BYTES));
      const command = manyBytes(maxPayloadBytes - FIELDS_BYTES);
      const chunk = manyBytes(maxPayloadBytes);
      await startServing(fixture, n2, async (_, request) => {
        switch (request.type) {
          case "kvPut":
            return { type: "value", value: request.value, revision: 1 };
          case "appendEntries":
            assertEqual(request.entries[0]?.data, command, "the entry");
            return { type: "appendEntries", term: 1, round: 1, success: true };
          case "installSnapshot":
            assertEqual(request.data, chunk, "the chunk");
            return { type: "installSnapshot", term: 1, nextOffset: chunk.length, installed: true };
          default:
            throw new Error(`no ${request.type} was sent`);
        }
      });
      const ticket = { session: 1, sequence: 1, lowestPending: 1 };
      const key = Uint8Array.of(1);
      const stored = await caller.call(n2, { type: "kvPut", key, value, ...ticket }, patient());
      assertEqual<unknown>(stored, { type: "value", value, revision: 1 }, "the value");
      await caller.call(
        n2,
        {
          type: "appendEntries",
          term: 1,
          leaderId: n1,
          prevLogIndex: 0,
          prevLogTerm: 0,
          entries: [{ type: "command", index: 1, term: 1, data: command }],
          leaderCommit: 0,
          round: 1,
          successor: undefined,
          mustHold: false,
        },
        patient(),
      );
      const meta = {
        term: 1,
        leaderId: n1,
        lastIncludedIndex: 1,
        lastIncludedTerm: 1,
        offset: 0,
        done: true,
      };
      await caller.call(n2, { type: "installSnapshot", ...meta, data: chunk }, patient());
    },
  },
];
