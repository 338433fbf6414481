import { describe, expect, test } from "vitest";
import { replicaId } from "../../../src/raft/index.ts";
import { Membership } from "../../../src/raft/membership/membership.ts";
import { ReadIndex } from "../../../src/raft/tracker/read-index.ts";
import { n1, n2, n3 } from "../inputs.ts";
import { OneCore, type Sent } from "../one-core.ts";

const members = new Membership(n1, [n1, n2, n3]);

describe("rounds of heartbeats (thesis §6.4)", () => {
  test("all reads that wait share one round", () => {
    const reads = new ReadIndex();
    reads.request(1);
    reads.request(2);
    expect(reads.startRound(7, n1)).toBe(true);
    expect(reads.takeConfirmed(members)).toEqual([]);
    reads.acknowledge(n2, reads.round);
    expect(reads.takeConfirmed(members)).toEqual([
      { readId: 1, readIndex: 7 },
      { readId: 2, readIndex: 7 },
    ]);
    expect(reads.takeConfirmed(members), "each is answered once").toEqual([]);
  });

  test("a read that comes during a round waits for the next one", () => {
    const reads = new ReadIndex();
    reads.request(1);
    reads.startRound(7, n1);
    reads.request(2);
    expect(reads.startRound(8, n1)).toBe(false);
    reads.acknowledge(n2, reads.round);
    expect(reads.takeConfirmed(members)).toEqual([{ readId: 1, readIndex: 7 }]);
    expect(reads.startRound(9, n1)).toBe(true);
    reads.acknowledge(n2, reads.round - 1);
    expect(reads.takeConfirmed(members), "the acknowledgement is of the round before").toEqual([]);
  });

  test("one peer that answers twice is no quorum of five", () => {
    const reads = new ReadIndex();
    reads.request(1);
    reads.startRound(1, n1);
    const five = ["n1", "n2", "n3", "n4", "n5"].map(replicaId);
    reads.acknowledge(n2, 1);
    reads.acknowledge(n2, 1);
    expect(reads.takeConfirmed(new Membership(n1, five))).toEqual([]);
  });
});

describe("a leader's reads", () => {
  const noopOf = (sent: readonly Sent[]): Sent => {
    const [first] = sent.filter(
      ({ request }) => request.type === "appendEntries" && request.entries.length > 0,
    );
    if (first === undefined) throw new Error("no entries were sent");
    return first;
  };

  test("§8 wait until an entry of the leader's term is committed", () => {
    const core = new OneCore();
    core.becomeLeader();
    const sent = core.takeSent(n2);
    core.read(1);
    expect(core.takeSent(n2), "no round has begun").toEqual([]);
    core.accept(noopOf(sent));
    const [heartbeat] = core.takeSent(n2).filter(({ request }) => request.type === "appendEntries");
    if (heartbeat === undefined) throw new Error("no heartbeat");
    expect(core.reads).toEqual([]);
    core.accept(heartbeat);
    expect(core.reads).toEqual([{ readId: 1, readIndex: 1 }]);
  });

  test("are confirmed by no answer to a heartbeat that was sent before they came", () => {
    const core = new OneCore();
    core.becomeLeader();
    core.accept(noopOf(core.takeSent(n2)));
    core.elapse(50);
    const [before] = core.takeSent(n2);
    core.read(1);
    const [after] = core.takeSent(n2);
    if (before === undefined || after === undefined) throw new Error("no heartbeat");
    core.accept(before);
    expect(core.reads).toEqual([]);
    core.accept(after);
    expect(core.reads).toEqual([{ readId: 1, readIndex: 1 }]);
  });

  test("are not confirmed by replies to messages of an earlier leadership", () => {
    const core = new OneCore();
    core.becomeLeader();
    core.accept(noopOf(core.takeSent(n2)));
    core.read(1);
    const old = core.takeSent(n2).at(-1);
    core.elapse(600);
    core.takeSent();
    core.becomeLeader();
    core.accept(noopOf(core.takeSent(n2)));
    core.read(2);
    if (old === undefined) throw new Error("no heartbeat");
    const { currentTerm: term } = core.view;
    core.answer(old, { type: "appendEntries", term, round: 1, success: false, conflict: undefined });
    expect(core.reads).toEqual([{ readId: 1, readIndex: undefined }]);
  });

  test("are refused when the leader steps down, and by a follower", () => {
    const core = new OneCore();
    core.becomeLeader();
    core.accept(noopOf(core.takeSent(n2)));
    core.read(1);
    core.elapse(600);
    core.read(2);
    expect(core.view.role).not.toBe("leader");
    expect(core.reads).toEqual([
      { readId: 1, readIndex: undefined },
      { readId: 2, readIndex: undefined },
    ]);
  });
});
