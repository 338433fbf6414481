import { describe, expect, test } from "vitest";
import { emptyState } from "../../../src/raft/index.ts";
import { appendEntries, n2, n3, requestVote, stateOf } from "../inputs.ts";
import { OneCore, withEntries } from "../one-core.ts";

const successorsIn = (core: OneCore) =>
  core.takeSent().map(({ request }) => request.type === "appendEntries" && request.successor);

/** A leader of three whose no-op both peers hold. */
function settledLeader(): OneCore {
  const core = new OneCore();
  core.becomeLeader();
  for (const sent of withEntries(core.takeSent())) core.accept(sent);
  core.takeSent();
  return core;
}

describe("thesis §3.10 a replica that resigned", () => {
  test("no longer leads, names its successor once, and never campaigns again", () => {
    const core = settledLeader();
    core.resign();
    expect(core.view).toMatchObject({ role: "follower", leader: undefined, resigned: true, currentTerm: 2 });
    expect(successorsIn(core)).toEqual([n2, n2]);
    core.resign();
    core.elapse(60_000);
    expect(core.takeSent()).toEqual([]);
    expect(core.view).toMatchObject({ role: "follower", currentTerm: 2 });
  });

  test("votes, follows and stores entries as before", () => {
    const core = settledLeader();
    core.resign();
    expect(core.ask(n3, requestVote(n3, { term: 3, last: "1@2" }))).toMatchObject({ voteGranted: true });
    expect(core.ask(n3, appendEntries(n3, { term: 3, prev: "1@2", entries: "2@3" }))).toMatchObject({
      success: true,
    });
    expect(core.view).toMatchObject({ leader: n3, lastLogIndex: 2 });
  });

  test("refuses the reads that wait, however many", () => {
    const core = settledLeader();
    core.elapse(0);
    for (let readId = 0; readId < 200_000; readId++) {
      core.replica.step({ type: "read", readId }, core.now);
    }
    core.resign();
    expect(core.reads).toHaveLength(200_000);
    expect(core.reads.every(({ readIndex }) => readIndex === undefined)).toBe(true);
  });

  test("ends its campaign, and later votes for it don't count", () => {
    const core = new OneCore();
    core.elapse(300);
    const [preVote] = core.takeSent();
    if (preVote === undefined) throw new Error("no campaign");
    core.resign();
    core.answer(preVote, { type: "requestVote", term: 1, voteGranted: true });
    expect(core.view).toMatchObject({ role: "follower", currentTerm: 1 });
  });

  test("campaigns neither for a candidate that lacks entries nor as a successor", () => {
    const core = new OneCore({ restored: stateOf({ term: 4, log: "1@4 2@4" }) });
    core.resign();
    core.ask(n2, requestVote(n2, { term: 5, last: "1@4", preVote: true }));
    core.ask(n3, appendEntries(n3, { term: 4, prev: "2@4", successor: core.view.id }));
    core.elapse(60_000);
    expect(core.view).toMatchObject({ role: "follower", currentTerm: 4 });
  });

  test("completes its bootstrap, and follows", () => {
    const core = new OneCore({ restored: emptyState });
    core.resign();
    for (const sent of core.takeSent())
      core.answer(sent, { type: "bootstrapCheck", term: 1, countedPeers: [] });
    core.elapse(0);
    for (const sent of core.takeSent())
      core.answer(sent, { type: "bootstrapCheck", term: 1, countedPeers: [] });
    core.elapse(60_000);
    expect(core.view).toMatchObject({ role: "follower", resigned: true });
  });
});

describe("thesis §3.10 the successor of a leader that resigned", () => {
  test("is in contact, and of those in contact lacks least", () => {
    const core = settledLeader();
    core.propose("a");
    const [toN3] = withEntries(core.takeSent(n3));
    if (toN3 === undefined) throw new Error("nothing was sent");
    core.accept(toN3);
    core.resign();
    expect(successorsIn(core)).toContain(n3);
  });

  test("campaigns at once, while the others wait for an election timeout and give up stickiness", () => {
    const [successor, other] = [new OneCore(), new OneCore()];
    for (const core of [successor, other]) core.ask(n2, appendEntries(n2, { term: 1 }));
    successor.ask(n2, appendEntries(n2, { term: 1, successor: successor.view.id }));
    other.ask(n2, appendEntries(n2, { term: 1, successor: n3 }));
    successor.elapse(0);
    other.elapse(299);
    expect(successor.view).toMatchObject({ role: "preCandidate", leader: undefined });
    expect(other.view).toMatchObject({ role: "follower", leader: undefined });
    expect(other.ask(n3, requestVote(n3, { term: 2 }))).toMatchObject({ voteGranted: true });
  });

  test("gets the message even if its log does not match its entries", () => {
    const core = new OneCore();
    core.ask(n2, appendEntries(n2, { term: 1, prev: "7@1", entries: "8@1", successor: core.view.id }));
    core.elapse(0);
    expect(core.view.role).toBe("preCandidate");
  });

  test("follows no leader because of a resignation of an earlier term", () => {
    const core = new OneCore({ restored: stateOf({ term: 4 }) });
    core.ask(n3, appendEntries(n3, { term: 4 }));
    core.ask(n2, appendEntries(n2, { term: 3, successor: core.view.id }));
    core.elapse(299);
    expect(core.view).toMatchObject({ role: "follower", leader: n3 });
  });
});
