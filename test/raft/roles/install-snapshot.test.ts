import { describe, expect, test } from "vitest";
import { appendEntries, compactedState, installSnapshot, n2, n3, stateOf } from "../inputs.ts";
import { OneCore, withEntries } from "../one-core.ts";

const follower = (log = "") => new OneCore({ restored: stateOf({ term: 3, log }) });
const wants = (nextOffset: number) => ({ type: "installSnapshot", term: 3, nextOffset, installed: false });
const last = "5@2";
const snapshot = ['["a",', '"b"]'] as const;

describe("receiving a snapshot (§7, figure 13)", () => {
  test("chunks are accepted in order, and the snapshot replaces the log", () => {
    const core = follower("1@1");
    const [one, two] = snapshot;
    expect(core.ask(n2, installSnapshot(n2, { term: 3, last, bytes: one }))).toEqual(wants(5));
    const reply = core.ask(n2, installSnapshot(n2, { term: 3, last, offset: 5, bytes: two, done: true }));
    expect(reply).toMatchObject({ installed: true });
    expect(core.replica.applied).toEqual(["a", "b"]);
    expect(core.view).toMatchObject({ commitIndex: 5, lastApplied: 5, lastLogIndex: 5, lastLogTerm: 2 });
  });

  test("a chunk out of order is not accepted; the reply has the expected offset", () => {
    const core = follower();
    expect(core.ask(n2, installSnapshot(n2, { term: 3, last, offset: 5, bytes: "x" }))).toEqual(wants(0));
    core.ask(n2, installSnapshot(n2, { term: 3, last, bytes: snapshot[0] }));
    expect(core.ask(n2, installSnapshot(n2, { term: 3, last, offset: 9, bytes: "x" }))).toEqual(wants(5));
  });

  test("offset 0 begins anew", () => {
    const core = follower();
    core.ask(n2, installSnapshot(n2, { term: 3, last, bytes: '["old",' }));
    core.ask(n2, installSnapshot(n2, { term: 3, last, bytes: snapshot[0] }));
    core.ask(n2, installSnapshot(n2, { term: 3, last, offset: 5, bytes: snapshot[1], done: true }));
    expect(core.replica.applied).toEqual(["a", "b"]);
  });

  test("chunks of another position, or of another leader, are never mixed in", () => {
    const core = follower();
    core.ask(n2, installSnapshot(n2, { term: 3, last, bytes: snapshot[0] }));
    expect(core.ask(n2, installSnapshot(n2, { term: 3, last: "6@2", offset: 5, bytes: "x" }))).toEqual(
      wants(0),
    );
    const other = installSnapshot(n3, { term: 4, last, offset: 5, bytes: snapshot[1], done: true });
    expect(core.ask(n3, other)).toEqual({ ...wants(0), term: 4 });
    expect(core.replica.applied).toEqual([]);
  });

  test("while a chunk is being saved no other is taken", () => {
    const core = follower();
    core.slowChunks = true;
    const call = core.call(n2, installSnapshot(n2, { term: 3, last, bytes: snapshot[0] }));
    expect(core.ask(n2, installSnapshot(n2, { term: 3, last, bytes: "again" }))).toEqual(wants(0));
    expect(core.replyTo(call)).toBeUndefined();
    core.saveChunk();
    expect(core.replyTo(call)).toEqual(wants(5));
  });

  // Found by seed 897078010: the disk hung while the term changed, and a restart found a snapshot of a term to come.
  test("no chunk is saved before the term it belongs to is durable", () => {
    const core = follower();
    core.slowDisk = true;
    const call = core.call(n2, installSnapshot(n2, { term: 4, last: "5@4", bytes: "[]", done: true }));
    expect(core.view).toMatchObject({ currentTerm: 4, lastLogIndex: 0 });
    core.completeWrite();
    expect(core.view).toMatchObject({ currentTerm: 4, lastLogIndex: 5 });
    expect(core.replyTo(call)).toMatchObject({ installed: true });
  });

  test("a log with the snapshot's last entry keeps the entries after it", () => {
    const core = follower("1@1 2@1 3@2 4@2 5@2 6@3");
    core.ask(n2, installSnapshot(n2, { term: 3, last, bytes: "[]", done: true }));
    expect(core.log).toBe("6@3");
  });

  test("a log that does not goes altogether, on disk too", () => {
    const core = follower("1@1 2@1 3@1 4@1 5@1 6@1");
    core.ask(n2, installSnapshot(n2, { term: 3, last, bytes: "[]", done: true }));
    expect([core.log, core.view.lastLogIndex]).toEqual(["", 5]);
    expect(core.replica.image.entries).toEqual([]);
    const restarted = new OneCore({ restored: core.replica.image.state });
    expect(restarted.view).toMatchObject({ lastLogIndex: 5, lastLogTerm: 2, commitIndex: 5 });
  });

  test("entries that are already committed need no installation", () => {
    const core = follower("1@1 2@1 3@2 4@2 5@2");
    core.ask(n2, appendEntries(n2, { term: 3, prev: "5@2", leaderCommit: 5 }));
    const applied = [...core.replica.applied];
    expect(core.ask(n2, installSnapshot(n2, { term: 3, last, bytes: "[]" }))).toMatchObject({
      installed: true,
    });
    expect(core.replica.applied).toEqual(applied);
  });

  test("while it is installed nothing is applied or written as entries, and no entry is acknowledged", () => {
    const core = follower("1@1");
    core.slowChunks = true;
    core.call(n2, installSnapshot(n2, { term: 3, last, bytes: '["a"]', done: true }));
    const entries = "2@1 3@2 4@2 5@2 6@3";
    const call = core.call(n2, appendEntries(n2, { term: 3, prev: "1@1", entries, leaderCommit: 6 }));
    expect([core.replica.applied, core.writes, core.replyTo(call)]).toEqual([[], [], undefined]);
    core.saveChunk();
    expect(core.replica.applied).toEqual(["a", "6@3"]);
    expect(core.replyTo(call)).toMatchObject({ success: true });
  });

  test("a snapshot of an older term's leader is refused", () => {
    expect(follower().ask(n2, installSnapshot(n2, { term: 2, last, bytes: "[]", done: true }))).toEqual(
      wants(0),
    );
  });
});

describe("sending a snapshot", () => {
  /** A leader whose log begins after 5, and a peer with an empty log. */
  function sending(): OneCore {
    const core = new OneCore({
      restored: compactedState("5@2", "6@2", 2),
      tuning: { snapshotChunkBytes: 10 },
    });
    core.becomeLeader();
    const [probe] = withEntries(core.takeSent(n2));
    if (probe === undefined) throw new Error("no probe");
    core.reject(probe, { index: 0, term: 0 });
    return core;
  }

  function takeChunk(core: OneCore) {
    const chunk = core.chunks.shift();
    if (chunk === undefined) throw new Error("no chunk");
    const request = { ...chunk.request, data: new Uint8Array(10), done: false };
    return { to: chunk.to, request, handedOut: chunk.request };
  }

  const saved = (nextOffset: number, installed = false) =>
    ({ type: "installSnapshot", term: 3, nextOffset, installed }) as const;
  const modeOf = (core: OneCore) => core.view.peers.find(({ id }) => id === n2)?.mode;

  test("a chunk in flight when its receiver lost its storage is not counted", () => {
    const state = compactedState("5@2", "6@2", 2);
    const restored = { ...state, hardState: { ...state.hardState, countedPeers: [] } };
    const core = new OneCore({ restored, tuning: { snapshotChunkBytes: 10 } });
    core.elapse(core.replica.core.deadline());
    for (const term of [2, 3]) {
      const [asked] = core.takeSent(n3);
      if (asked !== undefined) core.answer(asked, { type: "requestVote", term, voteGranted: true });
    }
    const [probe] = withEntries(core.takeSent(n2));
    if (probe === undefined) throw new Error("no probe");
    core.reject(probe, { index: 0, term: 0 });
    const chunk = takeChunk(core);
    core.ask(n2, { type: "bootstrapCheck", term: 0, replicaId: n2, round: 1 });
    core.answer(chunk, saved(10, true));
    expect(core.view).toMatchObject({ role: "follower", currentTerm: 3 });
    expect(core.replica.image.hardState.countedPeers).toEqual([n3]);
  });

  test("a peer that lacks compacted entries gets the snapshot chunk by chunk, one in flight, then entries", () => {
    const core = sending();
    expect([modeOf(core), core.chunks.length]).toEqual(["snapshot", 1]);
    core.answer(takeChunk(core), saved(10));
    const second = takeChunk(core);
    expect(second.request).toMatchObject({ lastIncludedIndex: 5, lastIncludedTerm: 2, offset: 10 });
    core.takeSent();
    core.answer(second, saved(20, true));
    expect(modeOf(core)).toBe("replicate");
    expect(withEntries(core.takeSent(n2))[0]?.request).toMatchObject({ prevLogIndex: 5, prevLogTerm: 2 });
  });

  test("a chunk that failed is sent again at the next heartbeat", () => {
    const core = sending();
    const { to, handedOut: request } = takeChunk(core);
    core.fail({ to, request });
    expect(core.chunks).toEqual([]);
    core.elapse(50);
    expect(takeChunk(core).request.offset).toBe(0);
  });

  test("a peer that is busy with a chunk does not get it again with every heartbeat", () => {
    const core = sending();
    const beats = (ms: number) => {
      for (let passed = 0; passed < ms; passed += 50) {
        core.elapse(50);
        for (const heartbeat of core.takeSent(n2)) core.accept(heartbeat);
      }
    };
    core.answer(takeChunk(core), saved(0));
    beats(600);
    expect(core.chunks).toEqual([]);
    beats(100);
    expect(takeChunk(core).request.offset).toBe(0);
  });

  test("an answer to a copy of an earlier chunk changes nothing", () => {
    const core = sending();
    const first = takeChunk(core);
    core.answer(first, saved(10));
    const second = takeChunk(core);
    core.answer(first, saved(10));
    core.elapse(100);
    expect(core.chunks, "the second is still in flight").toEqual([]);
    core.answer(second, saved(20));
    expect(takeChunk(core).request.offset).toBe(20);
  });

  test("a peer that wants an earlier offset gets it", () => {
    const core = sending();
    core.answer(takeChunk(core), saved(10));
    core.answer(takeChunk(core), saved(0));
    core.elapse(50);
    expect(takeChunk(core).request.offset).toBe(0);
  });
});

test("§7 compaction keeps the entries that a peer a little behind needs", () => {
  const core = new OneCore({ voters: 1, tuning: { retainedLogBytes: 100 } });
  core.elapse(0);
  for (let n = 0; n < 10; n++) core.propose("0123456789");
  core.snapshot();
  expect(core.view.snapshot?.lastIncludedIndex).toBe(11);
  expect(core.view.firstLogIndex).toBe(10);
  expect(core.log).toBe("10@2 11@2");
});
