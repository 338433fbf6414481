import { describe, expect, test } from "vitest";
import { appendEntries, n2, n3, stateOf } from "../inputs.ts";
import { entriesOf, OneCore, type OneCoreOptions, type Sent, withEntries } from "../one-core.ts";

/** A replica's data is replaced by an older copy, which lacks acknowledged entries. */

function first(sent: readonly Sent[]): Sent {
  const [one] = sent;
  if (one === undefined) throw new Error("nothing was sent");
  return one;
}

/** A leader whose n2 acknowledged entries 1 and 2, and n3 nothing. */
function leaderWith(options: OneCoreOptions = {}): OneCore {
  const core = new OneCore({ ...options, restored: stateOf({ term: 1 }) });
  core.becomeLeader();
  core.accept(first(withEntries(core.takeSent(n2))));
  core.propose("a");
  core.accept(first(withEntries(core.takeSent(n2))));
  core.takeSent();
  return core;
}

function refuseHeartbeat(core: OneCore): void {
  core.elapse(50);
  const heartbeat = first(core.takeSent(n2));
  expect(entriesOf(heartbeat)).toEqual([]);
  core.reject(heartbeat, { index: 0, term: 0 });
}

const peer = (core: OneCore) => core.view.peers.find(({ id }) => id === n2);
const mustHold = ({ request }: Sent) => request.type === "appendEntries" && request.mustHold;

describe("the leader", () => {
  test("takes a refused heartbeat for proof, because it claims only acknowledged entries", () => {
    const core = leaderWith();
    expect(peer(core)?.lostAcknowledged).toBe(false);
    refuseHeartbeat(core);
    expect(peer(core)).toMatchObject({ lostAcknowledged: true, matchIndex: 2 });
    expect(core.view.role).toBe("leader");
  });

  test("sends such a peer only heartbeats, with mustHold", () => {
    const core = leaderWith();
    refuseHeartbeat(core);
    core.propose("b");
    core.elapse(50);
    const sent = core.takeSent(n2);
    expect(sent.map(entriesOf)).toEqual([[]]);
    expect(sent.map(mustHold)).toEqual([true]);
    expect(core.takeSent(n3).map(mustHold)).not.toContain(true);
  });

  test("no longer counts its acknowledgements, not even earlier ones", () => {
    const core = leaderWith();
    core.slowDisk = true;
    core.propose("b");
    core.accept(first(withEntries(core.takeSent(n2))));
    expect(core.view.commitIndex, "n2 alone holds it durably").toBe(2);
    refuseHeartbeat(core);
    core.completeWrite();
    expect(core.view.commitIndex, "the leader alone holds it").toBe(2);
  });

  test("takes no refusal for proof if an acknowledgement overtook it", () => {
    const core = leaderWith({ tuning: { maxInflightAppends: 2, pipelineFromMs: 0 } });
    core.propose("b");
    const before = first(withEntries(core.takeSent(n2)));
    core.propose("c");
    const overtaking = first(withEntries(core.takeSent(n2)));
    core.accept(before);
    core.reject(overtaking, { index: 2, term: 2 });
    expect(peer(core)).toMatchObject({ lostAcknowledged: false, matchIndex: 3 });
  });

  test("detects it by a probe too, and probes no further", () => {
    const core = leaderWith();
    core.propose("b");
    core.fail(first(withEntries(core.takeSent(n2))));
    core.elapse(50);
    const probe = first(withEntries(core.takeSent(n2)));
    core.reject(probe, { index: 0, term: 0 });
    expect(peer(core)?.lostAcknowledged).toBe(true);
    core.elapse(200);
    expect(withEntries(core.takeSent(n2))).toEqual([]);
  });

  test("begins anew if storage may forget", () => {
    const core = leaderWith({ volatileStorage: true });
    refuseHeartbeat(core);
    expect(core.view.role).toBe("follower");
  });
});

describe("the replica itself", () => {
  const told = { term: 3, prev: "5@3", mustHold: true };

  test("stops if it lacks an entry that it must hold, and names that entry", () => {
    const core = new OneCore({ restored: stateOf({ term: 3, log: "1@1 2@2" }) });
    core.ask(n2, appendEntries(n2, told));
    expect(core.storageLost).toEqual({ peer: n2, lacks: { index: 5, term: 3 } });
  });

  test("continues if it holds those entries after all", () => {
    const core = new OneCore({ restored: stateOf({ term: 3, log: "1@1 2@2 3@3 4@3 5@3" }) });
    expect(core.ask(n2, appendEntries(n2, told))).toMatchObject({ success: true });
    expect(core.storageLost).toBeUndefined();
  });

  test("is not reported by a leader of an older term", () => {
    const core = new OneCore({ restored: stateOf({ term: 4, log: "1@1" }) });
    core.ask(n2, appendEntries(n2, told));
    expect(core.storageLost).toBeUndefined();
  });

  test("continues if its storage is volatile", () => {
    const core = new OneCore({ restored: stateOf({ term: 3, log: "1@1" }), volatileStorage: true });
    core.ask(n2, appendEntries(n2, told));
    expect(core.storageLost).toBeUndefined();
  });
});
