import { describe, expect, test } from "vitest";
import { appendEntries, compactedState, n2, n3, requestVote, stateOf } from "../inputs.ts";
import { OneCore } from "../one-core.ts";

const follower = (log: string, term = 3) => new OneCore({ restored: stateOf({ term, log }) });
const success = { success: true } as const;

describe("AppendEntries (§5.3, figure 2)", () => {
  test("1. of an older term is refused, with the current term", () => {
    const core = follower("1@1");
    const reply = core.ask(n2, appendEntries(n2, { term: 2, prev: "1@1", entries: "2@2" }));
    expect(reply).toMatchObject({ term: 3, success: false, conflict: undefined });
    expect([core.log, core.view.leader]).toEqual(["1@1", undefined]);
  });

  test("2. is refused if the log has no entry of prevLogTerm at prevLogIndex", () => {
    const core = follower("1@1 2@2");
    const appendAt = (prev: string) => core.ask(n2, appendEntries(n2, { term: 3, prev, entries: "9@3" }));
    expect(appendAt("8@3")).toMatchObject({ success: false, conflict: { index: 2, term: 2 } });
    expect(appendAt("2@3")).toMatchObject({ success: false, conflict: { index: 2, term: 2 } });
    expect(appendAt("2@1")).toMatchObject({ success: false, conflict: { index: 1, term: 1 } });
    expect(core.log).toBe("1@1 2@2");
  });

  test("3. an entry that conflicts is removed, with all that follow it", () => {
    const core = follower("1@1 2@2 3@2 4@2");
    core.ask(n2, appendEntries(n2, { term: 3, prev: "1@1", entries: "2@3" }));
    expect(core.log).toBe("1@1 2@3");
    expect(
      core.replica.image.entries.map(({ term }) => term),
      "on disk too",
    ).toEqual([1, 3]);
  });

  test("3. without a conflict nothing is removed: a late, shorter message has no effect", () => {
    const core = follower("1@1 2@2 3@2");
    const late = appendEntries(n2, { term: 3, prev: "0@0", entries: "1@1 2@2" });
    expect(core.ask(n2, late)).toMatchObject(success);
    expect(core.ask(n2, appendEntries(n2, { term: 3, prev: "1@1" }))).toMatchObject(success);
    expect(core.log).toBe("1@1 2@2 3@2");
  });

  test("4. new entries are appended, and repeated ones are not", () => {
    const core = follower("1@1");
    const message = appendEntries(n2, { term: 3, prev: "0@0", entries: "1@1 2@3 3@3" });
    core.ask(n2, message);
    core.ask(n2, message);
    expect(core.log).toBe("1@1 2@3 3@3");
  });

  test("5. commitIndex is the smaller of leaderCommit and the last new entry, and never falls", () => {
    const core = follower("1@1 2@2 3@2");
    core.ask(n2, appendEntries(n2, { term: 3, prev: "1@1", leaderCommit: 3 }));
    expect(core.view.commitIndex, "2 and 3 may still disagree").toBe(1);
    core.ask(n2, appendEntries(n2, { term: 3, prev: "1@1", entries: "2@3 3@3", leaderCommit: 2 }));
    expect(core.view.commitIndex).toBe(2);
    core.ask(n2, appendEntries(n2, { term: 3, prev: "1@1", leaderCommit: 1 }));
    expect(core.view.commitIndex).toBe(2);
  });

  test("the round comes back with the reply", () => {
    expect(follower("").ask(n2, appendEntries(n2, { term: 3, round: 7 }))).toMatchObject({ round: 7 });
  });

  test("§7 entries that a snapshot covers agree with any leader; after it terms are compared", () => {
    const core = new OneCore({ restored: compactedState("5@2", "6@2 7@2", 3) });
    const reply = core.ask(n2, appendEntries(n2, { term: 3, prev: "3@1", entries: "4@1 5@2 6@3" }));
    expect(reply).toMatchObject(success);
    expect(core.log).toBe("6@3");
    expect(core.ask(n2, appendEntries(n2, { term: 3, prev: "6@2" }))).toMatchObject({ success: false });
  });
});

describe("nothing is promised before it is durable", () => {
  test("entries are acknowledged when they are written, and a heartbeat meanwhile at once", () => {
    const core = follower("1@1");
    core.ask(n2, appendEntries(n2, { term: 3, prev: "1@1" }));
    core.slowDisk = true;
    const call = core.call(n2, appendEntries(n2, { term: 3, prev: "1@1", entries: "2@3" }));
    expect(core.ask(n2, appendEntries(n2, { term: 3, prev: "1@1" }))).toMatchObject(success);
    expect(core.replyTo(call)).toBeUndefined();
    core.completeWrite();
    expect(core.replyTo(call)).toMatchObject(success);
  });

  test("an acknowledgement that waits is withdrawn when a new term begins", () => {
    const core = follower("1@1");
    core.slowDisk = true;
    const call = core.call(n2, appendEntries(n2, { term: 3, prev: "1@1", entries: "2@3" }));
    core.call(n3, appendEntries(n3, { term: 4, prev: "1@1", entries: "2@4" }));
    core.completeWrite();
    core.completeWrite();
    expect(core.replyTo(call)).toMatchObject({ term: 4, success: false, conflict: undefined });
  });

  test("a term is not spoken of before it is durable", () => {
    const core = follower("1@1");
    core.slowDisk = true;
    const call = core.call(n2, requestVote(n2, { term: 9, last: "0@0" }));
    expect(core.replyTo(call), "not even to refuse").toBeUndefined();
    core.completeWrite();
    expect(core.replyTo(call)).toMatchObject({ term: 9, voteGranted: false });
  });

  test("committed entries are applied once they are durable here, in order, however few at a time", () => {
    const core = new OneCore({ restored: stateOf({ term: 3 }), tuning: { maxApplyEntries: 2 } });
    core.slowDisk = true;
    core.ask(n2, appendEntries(n2, { term: 3, entries: "1@3 2@3 3@3", leaderCommit: 3 }));
    expect([core.view.commitIndex, core.replica.applied]).toEqual([3, []]);
    core.completeWrite();
    expect(core.replica.applied).toEqual(["1@3", "2@3", "3@3"]);
  });
});
