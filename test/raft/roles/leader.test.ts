import { describe, expect, test } from "vitest";
import { sizeOf } from "../../../src/raft/log/entry-size.ts";
import { n2, n3, stateOf } from "../inputs.ts";
import { entriesOf, OneCore, type OneCoreOptions, type Sent, withEntries } from "../one-core.ts";

function leader(options: OneCoreOptions = {}): OneCore {
  const core = new OneCore(options);
  core.becomeLeader();
  return core;
}

function first(sent: readonly Sent[]): Sent {
  const [one] = sent;
  if (one === undefined) throw new Error("nothing was sent");
  return one;
}

/** A leader that knows that n2 has its whole log. */
function replicating(options: OneCoreOptions = {}): OneCore {
  const core = leader(options);
  core.accept(first(withEntries(core.takeSent(n2))));
  core.takeSent();
  return core;
}

const peer = (core: OneCore) => core.view.peers.find(({ id }) => id === n2);

describe("the start of a leadership", () => {
  test("§8 a leader begins with a no-op of its term", () => {
    const core = leader({ restored: stateOf({ term: 4, log: "1@1 2@4" }) });
    const [entry] = entriesOf(first(withEntries(core.takeSent(n2))));
    expect(entry).toMatchObject({ index: 3, term: 5, type: "noop" });
  });

  test("a single replica elects itself at once, and commits once its write is durable", () => {
    const core = new OneCore({ voters: 1 });
    core.elapse(0);
    expect(core.view.role).toBe("leader");
    core.slowDisk = true;
    core.propose("x");
    expect(core.view.commitIndex).toBe(1);
    core.completeWrite();
    expect([core.view.commitIndex, core.replica.applied]).toEqual([2, ["x"]]);
  });
});

describe("commitment", () => {
  test("§5.4.2 a leader never commits an older term's entry by counting replicas", () => {
    // Figure 8: index 2 of term 2 is on a majority, and is safe only once an entry of the leader's term is behind it.
    const restored = stateOf({ term: 3, log: "1@1 2@2" });
    // Too large to travel together with the entry after it.
    const large = restored.entries.map((entry) => ({ ...entry, data: new Uint8Array(70_000) }));
    const core = leader({ restored: { ...restored, entries: large } });
    const probe = first(withEntries(core.takeSent(n2)));
    core.reject(probe, { index: 1, term: 1 });
    const resent = first(withEntries(core.takeSent(n2)));
    expect(entriesOf(resent).map(({ index }) => index)).toEqual([2]);
    core.accept(resent);
    expect([peer(core)?.matchIndex, core.view.commitIndex]).toEqual([2, 0]);
    core.accept(first(withEntries(core.takeSent(n2))));
    expect(core.view.commitIndex).toBe(3);
  });

  test("a leader counts itself only for entries on its own disk", () => {
    const core = replicating();
    core.slowDisk = true;
    core.propose("x");
    core.accept(first(withEntries(core.takeSent(n2))));
    expect(core.view.commitIndex, "one of three").toBe(1);
    core.completeWrite();
    expect(core.view.commitIndex).toBe(2);
  });

  test("two followers are a majority before the leader's write is done; the leader applies after it", () => {
    const core = leader();
    for (const to of [n2, n3]) core.accept(first(withEntries(core.takeSent(to))));
    core.takeSent();
    core.slowDisk = true;
    core.propose("x");
    for (const to of [n2, n3]) core.accept(first(withEntries(core.takeSent(to))));
    expect([core.view.commitIndex, core.replica.applied]).toEqual([2, []]);
    core.completeWrite();
    expect(core.replica.applied).toEqual(["x"]);
  });

  test("entries leave for the peers while the leader's write is still in flight", () => {
    const core = replicating();
    core.slowDisk = true;
    core.propose("x");
    expect(withEntries(core.takeSent(n2)).length).toBe(1);
  });
});

describe("a leader's progress of a peer", () => {
  test("§5.3 matchIndex follows from the request, and never decreases by late or repeated replies", () => {
    const core = replicating({ tuning: { maxInflightAppends: 2, pipelineFromMs: 0 } });
    core.propose("a");
    core.propose("b");
    const [one, two] = withEntries(core.takeSent(n2));
    if (one === undefined || two === undefined) throw new Error("two messages");
    core.accept(two);
    expect(peer(core)?.matchIndex).toBe(3);
    core.accept(one);
    core.accept(one);
    core.reject(two, { index: 0, term: 0 });
    expect(peer(core)).toMatchObject({ matchIndex: 3, nextIndex: 4, mode: "replicate" });
  });

  test("after a failed call, entries are sent again after matchIndex, a heartbeat later", () => {
    const core = replicating();
    core.propose("a");
    core.propose("b");
    const [one] = withEntries(core.takeSent(n2));
    if (one === undefined) throw new Error("no message");
    core.fail(one);
    expect(peer(core)).toMatchObject({ mode: "probe", nextIndex: 2 });
    expect(core.takeSent(n2), "not at once").toEqual([]);
    core.elapse(50);
    expect(
      withEntries(core.takeSent(n2))
        .flatMap(entriesOf)
        .map(({ index }) => index),
    ).toEqual([2, 3]);
  });

  test("a probe without a reply is repeated at the same index, not from the start of the log", () => {
    const core = leader({ restored: stateOf({ term: 1, log: "1@1 2@1 3@1" }) });
    core.fail(first(withEntries(core.takeSent(n2))));
    expect(peer(core)).toMatchObject({ mode: "probe", nextIndex: 4 });
    core.elapse(50);
    expect(
      withEntries(core.takeSent(n2))
        .flatMap(entriesOf)
        .map(({ index }) => index),
    ).toEqual([4]);
  });

  test("one probe at a time; a heartbeat that is answered ends no probe", () => {
    const core = leader({ restored: stateOf({ term: 1, log: "1@1 2@1" }) });
    const sent = core.takeSent(n2);
    expect(withEntries(sent).length).toBe(1);
    core.elapse(50);
    const heartbeats = core.takeSent(n2);
    expect(withEntries(heartbeats)).toEqual([]);
    core.accept(first(heartbeats));
    expect(peer(core)?.mode).toBe("probe");
    core.accept(first(withEntries(sent)));
    expect(peer(core)?.mode).toBe("replicate");
  });

  describe("a probe was given up and sent again", () => {
    // Found by the labs, figure 8, seeds 5 and 20: a reply that arrived after the next probe was sent never counted.
    function sentAgain() {
      const core = leader({ restored: stateOf({ term: 1, log: "1@1 2@1" }) });
      const probe = first(withEntries(core.takeSent(n2)));
      for (let beats = 0; beats < 20; beats++) {
        core.elapse(50);
        const [beat, again] = core.takeSent(n2);
        if (again !== undefined) return { core, probe, again };
        if (beat !== undefined) core.accept(beat);
      }
      throw new Error("it was not sent again");
    }

    test("a late acknowledgement of the first one counts", () => {
      const { core, probe } = sentAgain();
      core.accept(probe);
      expect(peer(core)).toMatchObject({ matchIndex: 3, mode: "replicate" });
    });

    test("so does a late refusal, once: it answers both", () => {
      const { core, probe, again } = sentAgain();
      core.reject(probe, { index: 1, term: 1 });
      expect(peer(core)).toMatchObject({ matchIndex: 0, nextIndex: 2, mode: "probe" });
      core.reject(again, { index: 0, term: 0 });
      expect(peer(core)).toMatchObject({ matchIndex: 0, nextIndex: 2, mode: "probe" });
    });
  });

  test("the window limits the messages in flight", () => {
    const core = replicating({ tuning: { maxInflightAppends: 2, pipelineFromMs: 0 } });
    for (const command of ["a", "b", "c", "d"]) core.propose(command);
    const sent = withEntries(core.takeSent(n2));
    expect(sent.length).toBe(2);
    core.accept(first(sent));
    expect(
      withEntries(core.takeSent(n2))
        .flatMap(entriesOf)
        .map(({ index }) => index),
    ).toEqual([4, 5]);
  });

  test("the window limits the bytes in flight", () => {
    const core = replicating({
      tuning: { maxInflightAppends: 100, pipelineFromMs: 0, maxInflightBytes: 100 },
    });
    for (let n = 0; n < 10; n++) core.propose("0123456789");
    const entry = entriesOf(first(withEntries(core.takeSent(n2))))[0];
    const size = entry === undefined ? 0 : sizeOf(entry);
    expect((peer(core)?.nextIndex ?? 0) - 2, "entries sent").toBe(Math.ceil(100 / size));
  });

  test("a message holds at most maxAppendBytes, but at least one entry", () => {
    const core = replicating({ tuning: { maxAppendBytes: 100, maxInflightAppends: 1 } });
    core.propose("first");
    for (let n = 0; n < 10; n++) core.propose("x");
    core.propose(new Uint8Array(500));
    const sizes: number[] = [];
    for (;;) {
      const [sent] = withEntries(core.takeSent(n2));
      if (sent === undefined) break;
      sizes.push(entriesOf(sent).reduce((bytes, entry) => bytes + sizeOf(entry), 0));
      core.accept(sent);
    }
    expect(sizes.pop()).toBeGreaterThan(500);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(100);
  });
});

test("§5.3 the search for the last common entry takes an exchange per term, not per entry", () => {
  // 20 terms of 50 entries each; the follower has the first 2 in common and then other terms.
  const run = (terms: number[]) => terms.flatMap((term) => Array.from({ length: 50 }, () => term));
  const text = (terms: number[]) =>
    run(terms)
      .map((term, at) => `${at + 1}@${term}`)
      .join(" ");
  const shared = [1, 2];
  const even = Array.from({ length: 18 }, (_, n) => 4 + 2 * n);
  const odd = Array.from({ length: 18 }, (_, n) => 3 + 2 * n);
  const follower = new OneCore({ restored: stateOf({ term: 50, log: text([...shared, ...odd]) }) });
  const core = leader({ restored: stateOf({ term: 50, log: text([...shared, ...even]) }) });
  let exchanges = 0;
  for (; exchanges < 100 && peer(core)?.mode === "probe"; exchanges++) {
    const sent = first(withEntries(core.takeSent(n2)));
    const reply = follower.ask(n2, {
      ...sent.request,
      ...(sent.request.type === "appendEntries" && { leaderId: n2 }),
    });
    if (reply?.type !== "appendEntries") throw new Error("no answer");
    core.answer(sent, reply);
  }
  expect(exchanges).toBeLessThanOrEqual(20);
  expect(peer(core)?.matchIndex).toBeGreaterThan(100);
});

describe("the message limit changes", () => {
  const bytesOf = (sent: Sent) => entriesOf(sent).reduce((bytes, entry) => bytes + sizeOf(entry), 0);

  test("entries and chunks are cut to it", () => {
    const core = replicating({ tuning: { maxInflightAppends: 1 } });
    core.limitPayload(200);
    for (let n = 0; n < 20; n++) core.propose("0123456789");
    const [single, wide] = [core.takeSent(n2), core.takeSent(n2)].map(withEntries);
    expect(wide).toEqual([]);
    core.accept(first(single ?? []));
    const cut = first(withEntries(core.takeSent(n2)));
    expect(bytesOf(cut)).toBeGreaterThan(100);
    expect(bytesOf(cut)).toBeLessThanOrEqual(200);
    core.limitPayload(100);
    core.accept(cut);
    expect(bytesOf(first(withEntries(core.takeSent(n2))))).toBeLessThanOrEqual(100);
  });

  test("a command that exceeds the message limit is misuse, because it would block all later entries", () => {
    const core = replicating();
    core.limitPayload(100);
    expect(core.propose(new Uint8Array(68)).type).toBe("accepted");
    expect(() => core.propose(new Uint8Array(69))).toThrow(
      "Cannot propose command: at most 68 bytes, got 69",
    );
    core.limitPayload(101);
    expect(core.propose(new Uint8Array(69)).type).toBe("accepted");
  });
});

describe("proposals are bounded", () => {
  test("by the bytes that await their commit, and the bound is released by it", () => {
    const core = replicating({ tuning: { maxUncommittedBytes: 100 } });
    expect(core.propose("0123456789").type).toBe("accepted");
    expect(core.propose("0123456789").type).toBe("accepted");
    expect(core.propose("0123456789")).toEqual({ type: "overloaded" });
    for (const sent of withEntries(core.takeSent(n2))) core.accept(sent);
    expect(core.propose("0123456789").type).toBe("accepted");
  });

  test("empty commands count too", () => {
    const core = replicating({ tuning: { maxUncommittedBytes: 1000 } });
    const accepted = Array.from({ length: 1000 }, () => core.propose("")).filter(
      ({ type }) => type === "accepted",
    );
    expect(accepted.length).toBeLessThan(1000);
  });

  test("a command that is too large is misuse; a follower rejects a command and names the leader", () => {
    const core = new OneCore({ tuning: { maxCommandBytes: 3 } });
    expect(() => core.propose("long")).toThrow("Cannot propose command: at most 3 bytes, got 4");
    expect(core.propose("x")).toEqual({ type: "notLeader", leader: undefined });
  });
});

test("entries that overtook those before them and were refused are sent again, without another proposal", () => {
  const core = replicating({ tuning: { maxInflightAppends: 2, pipelineFromMs: 0 } });
  core.propose("a");
  const before = first(withEntries(core.takeSent(n2)));
  core.propose("b");
  const overtaking = first(withEntries(core.takeSent(n2)));
  core.accept(before);
  core.reject(overtaking, { index: 1, term: 2 });
  const again = first(withEntries(core.takeSent(n2)));
  expect(entriesOf(again)).toEqual(entriesOf(overtaking));
});

describe("check-quorum (thesis §6.2)", () => {
  test("a leader whose disk hangs steps down, although all peers reply", () => {
    const core = replicating();
    core.slowDisk = true;
    core.propose("x");
    for (let ms = 0; ms < 4000 && core.view.role === "leader"; ms += 50) {
      core.elapse(50);
      for (const sent of core.takeSent()) if (core.view.role === "leader") core.accept(sent);
      if (ms < 2900) expect(core.view.role, "a slow disk is no reason yet").toBe("leader");
    }
    expect(core.view.role).toBe("follower");
  });

  test("a leader without contact to a quorum steps down within an election timeout, in the same term", () => {
    const core = leader();
    core.elapse(300);
    expect(core.view).toMatchObject({ role: "follower", currentTerm: 2, leader: undefined });
  });

  test("one of two peers is enough", () => {
    const core = leader();
    for (let beat = 0; beat < 20; beat++) {
      core.elapse(50);
      core.accept(first(core.takeSent(n2)));
    }
    expect(core.view.role).toBe("leader");
  });

  test("its own stall is forgiven once: the peers' replies are read first", () => {
    const core = leader();
    core.elapse(50);
    core.stall(1000);
    expect(core.view.role).toBe("leader");
    core.accept(first(core.takeSent(n2)));
    core.elapse(100);
    expect(core.view.role).toBe("leader");
  });

  test("a leader that stalls again and again and gets no replies steps down", () => {
    const core = leader();
    for (let beat = 0; beat < 5; beat++) core.stall(200);
    expect(core.view.role).toBe("follower");
  });

  test("answers of an earlier leadership change nothing", () => {
    const core = leader();
    const [old] = withEntries(core.takeSent(n2));
    core.elapse(300);
    core.becomeLeader();
    if (old === undefined) throw new Error("no message");
    core.answer(old, { type: "appendEntries", term: 2, round: 0, success: true });
    expect([peer(core)?.matchIndex, core.view.commitIndex]).toEqual([0, 0]);
  });
});
