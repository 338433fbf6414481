import { describe, expect } from "vitest";
import { ELECTION_TIMEOUT_MS } from "../lab/cluster.ts";
import { raftLab } from "../lab/raft-lab.ts";
import { labTest } from "../lab/seeds.ts";

describe("election", () => {
  labTest("of three replicas one is elected, and leads in the same term while nothing fails", (seed) =>
    raftLab({ seed, replicas: 3 }, async (lab) => {
      const leader = await lab.oneLeader();
      await lab.time.sleep(50);
      const terms = lab.all.map((n) => lab.view(n).currentTerm);
      expect(new Set(terms).size).toBe(1);
      expect(terms[0]).toBeGreaterThanOrEqual(1);
      await lab.time.sleep(2 * ELECTION_TIMEOUT_MS);
      expect(lab.all.map((n) => lab.view(n).currentTerm)).toEqual(terms);
      expect(lab.leader).toBe(leader);
    }),
  );

  labTest(
    "a leader that is lost is replaced, comes back as a follower, and without a quorum nobody leads",
    (seed) =>
      raftLab({ seed, replicas: 3 }, async (lab) => {
        const first = await lab.oneLeader();
        lab.disconnect(first);
        const second = await lab.oneLeader();
        lab.connect(first);
        await lab.time.sleep(ELECTION_TIMEOUT_MS);
        expect(lab.leader).toBe(second);
        expect(lab.view(first)).toMatchObject({ role: "follower", leader: lab.machine(second).id });

        lab.disconnect(second, lab.after(second));
        await lab.time.sleep(ELECTION_TIMEOUT_MS);
        expect(await lab.time.within(ELECTION_TIMEOUT_MS, () => lab.leader !== undefined)).toBe(false);

        lab.connect(lab.after(second));
        const third = await lab.oneLeader();
        lab.connect(second);
        await lab.time.sleep(ELECTION_TIMEOUT_MS);
        expect(lab.leader).toBe(third);
      }),
  );

  labTest("of seven replicas any four elect a leader, in nine rounds with three cut off at random", (seed) =>
    raftLab({ seed, replicas: 7 }, async (lab) => {
      await lab.oneLeader();
      for (let round = 0; round < 9; round++) {
        const off = [0, 1, 2].map(() => lab.random.below(7));
        lab.disconnect(...off);
        // Either the current leader is still connected, or the others elect one.
        await lab.oneLeader();
        await lab.time.sleep(ELECTION_TIMEOUT_MS / 2);
        await lab.oneLeader();
        lab.connect(...off);
      }
      await lab.oneLeader();
    }),
  );
});
