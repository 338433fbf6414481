import { describe, expect, test } from "vitest";
import { type AppendEntries, replicaId } from "../../src/raft/index.ts";
import { LastHeartbeat } from "../../src/rpc/last-heartbeat.ts";
import { encodeRaftRequest } from "../../src/rpc/raft-codec.ts";

const heartbeat: AppendEntries = {
  type: "appendEntries",
  term: 3,
  leaderId: replicaId("n1"),
  prevLogIndex: 7,
  prevLogTerm: 2,
  entries: [],
  leaderCommit: 6,
  round: 4,
  successor: undefined,
  mustHold: false,
};

/** Every field that may differ from one heartbeat to the next. */
const others: readonly AppendEntries[] = [
  { ...heartbeat, term: 4 },
  { ...heartbeat, leaderId: replicaId("n2") },
  { ...heartbeat, prevLogIndex: 8 },
  { ...heartbeat, prevLogTerm: 3 },
  { ...heartbeat, leaderCommit: 7 },
  { ...heartbeat, round: 5 },
  { ...heartbeat, successor: replicaId("n2") },
  { ...heartbeat, mustHold: true },
  {
    ...heartbeat,
    entries: [{ index: 8, term: 3, type: "command", data: Uint8Array.of(1) }],
  },
];

describe("the last heartbeat", () => {
  test("is encoded once, and decoded once", () => {
    const [sender, receiver] = [new LastHeartbeat(), new LastHeartbeat()];
    const bytes = sender.encode(heartbeat);
    expect(sender.encode({ ...heartbeat })).toBe(bytes);
    expect(receiver.decode(bytes)).toBe(receiver.decode(bytes.slice()));
  });

  test.each(others)("is not taken for another message: %o", (other) => {
    const [sender, receiver] = [new LastHeartbeat(), new LastHeartbeat()];
    for (const message of [heartbeat, other, heartbeat, heartbeat]) {
      const bytes = sender.encode(message);
      expect(bytes).toEqual(encodeRaftRequest(message));
      expect(receiver.decode(bytes)).toEqual(message);
    }
  });

  test("differs from another message in any field of its type", () => {
    const fields = (Object.keys(heartbeat) as (keyof AppendEntries)[]).filter((field) => field !== "type");
    const different = fields.filter((field) => others.some((other) => other[field] !== heartbeat[field]));
    expect(different).toEqual(fields);
  });

  test("is not changed by a buffer that is used again", () => {
    const receiver = new LastHeartbeat();
    const buffer = encodeRaftRequest(heartbeat).slice();
    receiver.decode(buffer);
    buffer.set(encodeRaftRequest({ ...heartbeat, round: 5 }));
    expect(receiver.decode(buffer)).toEqual({ ...heartbeat, round: 5 });
  });
});
