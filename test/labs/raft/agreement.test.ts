import { describe, expect } from "vitest";
import { ELECTION_TIMEOUT_MS } from "../lab/cluster.ts";
import { type RaftLab, raftLab } from "../lab/raft-lab.ts";
import { labTest } from "../lab/seeds.ts";

const once = { retry: false };
const patiently = { retry: true };

/** Lets five clients start a command at the same moment. @returns whether the leader kept its term until all had applied them */
async function startFive(lab: RaftLab): Promise<boolean> {
  const leader = await lab.oneLeader();
  const first = lab.start(leader, "1");
  if (first === undefined) return false;
  const commands = Array.from({ length: 5 }, (_, n) => `${100 + n}`);
  const positions = await Promise.all(commands.map(async (command) => lab.start(leader, command)));
  const indices = positions.map((position) => (position?.term === first.term ? position.index : undefined));
  const agreed = () => indices.every((index) => index !== undefined && lab.committedBy(index) === lab.size);
  if (!(await lab.time.within(3000, agreed))) return false;
  const applied = indices.map((index) => (index === undefined ? undefined : lab.committed(index)));
  expect(applied.toSorted()).toEqual(commands);
  return true;
}

describe("agreement", () => {
  labTest("three commands have the indices 1, 2 and 3, not counting the no-op of the leadership", (seed) =>
    raftLab({ seed, replicas: 3 }, async (lab) => {
      for (let place = 1; place <= 3; place++) {
        const index = await lab.one(`${100 * place}`, 3, once);
        expect(lab.ordinal(await lab.oneLeader(), index)).toBe(place);
        // §8: before them is one no-op for each leadership, and nothing else.
        expect(index - lab.world.monitor.ledger.leaderships).toBe(place);
        expect(lab.committedBy(index + 1)).toBe(0);
      }
    }),
  );

  labTest("continues without one follower, and stops if the leader is alone", (seed) =>
    raftLab({ seed, replicas: 3 }, async (lab) => {
      await lab.one("101", 3, once);
      lab.disconnect(lab.after(await lab.oneLeader()));
      await lab.one("102", 2, once);
      await lab.time.sleep(ELECTION_TIMEOUT_MS);
      await lab.one("103", 2, once);
      const leader = await lab.oneLeader();
      lab.disconnect(lab.after(leader, 1), lab.after(leader, 2));
      const position = lab.start(leader, "104");
      if (position === undefined) throw new Error("the leader refused a command");
      expect(lab.ordinal(leader, position.index)).toBe(4);
      await lab.time.sleep(2 * ELECTION_TIMEOUT_MS);
      expect(lab.committedBy(position.index)).toBe(0);
    }),
  );

  labTest("continues under a new leader, and stops when that one is lost too", (seed) =>
    raftLab({ seed, replicas: 3 }, async (lab) => {
      await lab.one("101", 3, once);
      lab.disconnect(await lab.oneLeader());
      // The first to be asked may be about to lose the leadership that the cut took from it.
      await lab.one("102", 2, patiently);
      await lab.time.sleep(ELECTION_TIMEOUT_MS);
      const last = await lab.one("103", 2, once);
      lab.disconnect(await lab.oneLeader());
      for (const n of lab.all) lab.start(n, "104");
      await lab.time.sleep(2 * ELECTION_TIMEOUT_MS);
      for (let index = last + 1; index <= last + 3; index++) expect(lab.committedBy(index)).toBe(0);
    }),
  );

  labTest("a follower that was away for a while agrees again", (seed) =>
    raftLab({ seed, replicas: 3 }, async (lab) => {
      await lab.one("101", 3, once);
      const follower = lab.after(await lab.oneLeader());
      lab.disconnect(follower);
      await lab.one("102", 2, once);
      await lab.one("103", 2, once);
      await lab.time.sleep(ELECTION_TIMEOUT_MS);
      await lab.one("104", 2, once);
      await lab.one("105", 2, once);
      lab.connect(follower);
      await lab.one("106", 3, patiently);
      await lab.time.sleep(ELECTION_TIMEOUT_MS);
      await lab.one("107", 3, patiently);
    }),
  );

  labTest("there is none while three of five are away, and there is again when they are back", (seed) =>
    raftLab({ seed, replicas: 5 }, async (lab) => {
      await lab.one("10", 5, once);
      const first = await lab.oneLeader();
      const away = [1, 2, 3].map((steps) => lab.after(first, steps));
      lab.disconnect(...away);
      const position = lab.start(first, "20");
      if (position === undefined) throw new Error("the leader refused a command");
      expect(lab.ordinal(first, position.index)).toBe(2);
      await lab.time.sleep(2 * ELECTION_TIMEOUT_MS);
      expect(lab.committedBy(position.index)).toBe(0);
      lab.connect(...away);
      // The disconnected majority may have made a leader among its own, and forgotten the second command.
      const second = await lab.oneLeader();
      const later = lab.start(second, "30");
      if (later === undefined) throw new Error("the leader refused a command");
      expect([2, 3]).toContain(lab.ordinal(second, later.index));
      await lab.one("1000", 5, patiently);
    }),
  );

  labTest("five commands that are started at the same time get different indices", (seed) =>
    raftLab({ seed, replicas: 3 }, async (lab) => {
      for (let tries = 0; tries < 5; tries++) {
        if (await startFive(lab)) return;
        // The term moved on.
        await lab.time.sleep(3000);
      }
      throw new Error("the term moved on five times");
    }),
  );
});

describe("logs that diverged", () => {
  labTest("a former leader that returns with uncommitted entries removes them", (seed) =>
    raftLab({ seed, replicas: 3 }, async (lab) => {
      await lab.one("101", 3, patiently);
      const first = await lab.oneLeader();
      lab.disconnect(first);
      for (const command of ["102", "103", "104"]) expect(lab.start(first, command)).toBeDefined();
      await lab.one("203", 2, patiently);
      const second = await lab.oneLeader();
      lab.disconnect(second);
      lab.connect(first);
      await lab.one("204", 2, patiently);
      lab.connect(second);
      await lab.one("205", 3, patiently);
      for (const n of lab.all) expect(lab.replica(n).journal.commands).toEqual(["101", "203", "204", "205"]);
    }),
  );

  labTest("a leader backs up quickly over entries of its followers, in batches of 50, three times", (seed) =>
    raftLab({ seed, replicas: 5 }, async (lab) => {
      const fifty = () => Array.from({ length: 50 }, () => lab.command());
      await lab.one(lab.command(), 5, patiently);
      const first = await lab.oneLeader();
      const at = (steps: number) => lab.after(first, steps);
      // The leader and one follower collect entries that won't be committed.
      lab.disconnect(at(2), at(3), at(4));
      for (const command of fifty()) lab.start(first, command);
      await lab.time.sleep(ELECTION_TIMEOUT_MS / 2);
      lab.disconnect(at(0), at(1));
      lab.connect(at(2), at(3), at(4));
      for (const command of fifty()) await lab.one(command, 3, patiently);
      // The next leader does the same, without one of its followers.
      const second = await lab.oneLeader();
      const other = second === at(2) ? lab.after(second) : at(2);
      lab.disconnect(other);
      for (const command of fifty()) lab.start(second, command);
      await lab.time.sleep(ELECTION_TIMEOUT_MS / 2);
      // The first majority reconnects, with the replica that was left out.
      lab.disconnect(...lab.all);
      lab.connect(at(0), at(1), other);
      for (const command of fifty()) await lab.one(command, 3, patiently);
      lab.connect(...lab.all);
      await lab.one(lab.command(), 5, patiently);
    }),
  );
});
