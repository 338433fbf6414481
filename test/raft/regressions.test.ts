import { expect, test } from "vitest";
import { type LogEntry, type PersistedState, RaftCore, replicaId } from "../../src/raft/index.ts";
import { configOf } from "./core-config.ts";

/** Bugs that were found, named by the failure. */

test("a leader whose log begins at a conflict sends its snapshot, instead of probing forever", () => {
  // Found by the swarm, seed 113: the leader's first known position, 2@2, was offered again after each refusal.
  const [n1, n2] = [replicaId("n1"), replicaId("n2")];
  const noop = (index: number, term: number): LogEntry => ({
    index,
    term,
    type: "noop",
    data: new Uint8Array(),
  });
  const restored: PersistedState = {
    hardState: { currentTerm: 2, votedFor: n1, countedPeers: [n2] },
    snapshot: { lastIncludedIndex: 2, lastIncludedTerm: 2 },
    prevLogIndex: 2,
    prevLogTerm: 2,
    entries: [noop(3, 2)],
  };
  const core = new RaftCore(configOf(n1, [n1, n2]), restored, 0);
  const elect = () => {
    core.step({ type: "timer" }, core.deadline());
    for (let preVote = true; ; preVote = false) {
      const ready = core.take();
      if (ready.persist !== undefined) core.step({ type: "persisted", batch: ready.persist }, 1000);
      const [sent] = [...ready.send, ...core.take().send];
      if (sent?.type !== "request" || sent.request.type !== "requestVote") throw new Error("no campaign");
      const { request } = sent;
      const reply = { type: "requestVote", term: preVote ? 2 : 3, voteGranted: true } as const;
      core.step({ type: "reply", from: n2, request, reply }, 1000);
      if (!preVote) return;
    }
  };
  elect();

  const conflict = { index: 2, term: 1 };
  for (let exchanges = 0; exchanges < 10; exchanges++) {
    const { send, sendChunks, persist } = core.take();
    if (persist !== undefined) core.step({ type: "persisted", batch: persist }, 1000);
    if (sendChunks.length > 0) {
      expect(sendChunks[0]?.request).toMatchObject({ lastIncludedIndex: 2, offset: 0 });
      return;
    }
    for (const message of send) {
      if (message.type !== "request" || message.request.type !== "appendEntries") continue;
      const { request } = message;
      const { term, round, prevLogIndex } = request;
      const reply =
        prevLogIndex === 0
          ? ({ type: "appendEntries", term, round, success: true } as const)
          : ({ type: "appendEntries", term, round, success: false, conflict } as const);
      core.step({ type: "reply", from: n2, request, reply }, 1000);
    }
  }
  throw new Error("ten exchanges, and no snapshot");
});
