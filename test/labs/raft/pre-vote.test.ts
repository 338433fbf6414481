import { describe, expect } from "vitest";
import { ELECTION_TIMEOUT_MS } from "../lab/cluster.ts";
import { type RaftLab, raftLab } from "../lab/raft-lab.ts";
import { labTest } from "../lab/seeds.ts";
import { atMost } from "../lab/thresholds.ts";

const patiently = { retry: true };

/** Of the default tuning. */
const LONGEST_ELECTION_TIMEOUT_MS = 600;

describe("pre-vote", () => {
  labTest("a replica that was cut off does not depose the leader when it rejoins", (seed) =>
    raftLab({ seed, replicas: 3 }, async (lab) => {
      await lab.one("101", 3, patiently);
      const leader = await lab.oneLeader();
      const term = lab.view(leader).currentTerm;
      const away = lab.after(leader, 1 + lab.random.below(2));
      lab.disconnect(away);
      await lab.time.sleep(3 * ELECTION_TIMEOUT_MS + lab.random.below(ELECTION_TIMEOUT_MS));
      await lab.one("102", 2, patiently);
      // It has requested votes the whole time, and raised no term, not even its own.
      expect(lab.view(away)).toMatchObject({ role: "preCandidate", currentTerm: term });
      lab.connect(away);
      await lab.time.sleep(2 * ELECTION_TIMEOUT_MS);
      for (const n of lab.all) {
        expect(lab.view(n)).toMatchObject({ currentTerm: term, leader: lab.machine(leader).id });
      }
      expect(lab.committedBy(lab.view(leader).commitIndex, "102")).toBe(3);
    }),
  );

  labTest(
    "a leader that lost its quorum in a partial mesh is replaced, although it still reaches one replica",
    (seed) =>
      raftLab({ seed, replicas: 5 }, async (lab) => {
        await lab.one("101", 5, patiently);
        const old = await lab.oneLeader();
        const [bridge, cutOff] = [lab.after(old, 1), lab.after(old, 2)];
        // The old leader reaches only the bridge. The bridge reaches all except the isolated replica.
        const inMesh = (n: number) => n !== old && n !== cutOff;
        lab.connections.allow(
          (a, b) =>
            (inMesh(a) && inMesh(b)) ||
            (Math.min(a, b) === Math.min(old, bridge) && Math.max(a, b) === Math.max(old, bridge)),
        );
        const replaced = () => lab.all.find((n) => n !== old && lab.view(n).role === "leader");
        const cutAtMs = lab.time.now;
        await lab.time.until(
          "a new leader",
          10 * LONGEST_ELECTION_TIMEOUT_MS,
          () => replaced() !== undefined,
        );
        atMost(
          "ms until a new leader in a partial mesh",
          lab.time.now - cutAtMs,
          10 * LONGEST_ELECTION_TIMEOUT_MS,
        );
        const leader = replaced();
        expect([old, cutOff]).not.toContain(leader);
        if (leader === undefined) throw new Error("the leader is gone");
        const position = lab.start(leader, "102");
        await lab.time.until("a commit", 1000, () => lab.committedBy(position?.index ?? 0, "102") >= 3);
        // No replica deposes it: neither the old leader through the bridge, nor the one that was cut off.
        const term = lab.view(leader).currentTerm;
        await lab.time.sleep(2 * ELECTION_TIMEOUT_MS);
        expect(lab.view(leader)).toMatchObject({ role: "leader", currentTerm: term });
        expect(lab.view(old).role).not.toBe("leader");
      }),
  );
});

/** Has the leader's followers acknowledge an entry by replies that take `lateMs`, and returns when they are on their way. */
async function acknowledgeLate(lab: RaftLab, leader: number, lateMs: number): Promise<void> {
  const { network } = lab.world;
  const followers = lab.all.filter((n) => n !== leader);
  const position = lab.start(leader, "102");
  if (position === undefined) throw new Error("the leader refused a command");
  const sent = () => lab.view(leader).peers.every(({ nextIndex }) => nextIndex > position.index);
  await lab.time.until("the entry on its way to all followers", 100, sent);
  network.weather = { dropPermille: 0, extraDelayUs: lateMs * 1000 };
  const stored = () => followers.every((n) => lab.view(n).durableIndex >= position.index);
  await lab.time.until("the entry on all disks", 100, stored);
  // The replies leave in the same moment.
  await lab.time.sleep(1);
  network.weather = { dropPermille: 0, extraDelayUs: 0 };
  expect(lab.view(leader).commitIndex, "the replies are late").toBeLessThan(position.index);
}

describe("delayed commit", () => {
  labTest(
    "a late reply to its entries commits them, and does not let a deposed leader answer a read",
    (seed) =>
      raftLab({ seed, replicas: 3 }, async (lab) => {
        await lab.one("101", 3, patiently);
        const old = await lab.oneLeader();
        const others = lab.all.filter((n) => n !== old);
        const lateMs = 1100;
        // Its clock is slow from now on: it notices missing replies late.
        lab.machine(old).clock.setRate(100_000);
        await acknowledgeLate(lab, old, lateMs);
        const lateAtMs = lab.time.now + lateMs;
        for (const n of others) {
          lab.world.network.cut(old, n);
          lab.world.network.cut(n, old);
        }
        const elected = () => others.find((n) => lab.view(n).role === "leader");
        await lab.time.until("a new leader", lateAtMs - lab.time.now, () => elected() !== undefined);
        const leader = elected();
        if (leader === undefined) throw new Error("the leader is gone");
        const position = lab.start(leader, "103");
        await lab.time.until("a newer write", 100, () => lab.committedBy(position?.index ?? 0, "103") === 2);

        expect(lab.view(old).role).toBe("leader");
        expect(lab.view(old).commitIndex).toBeLessThan(position?.index ?? 0);
        const isStale = () => lab.replica(old).journal.at(position?.index ?? 0) === undefined;
        const reads: { type: string; isStale: boolean }[] = [];
        for (let n = 0; n < 3; n++) {
          lab
            .replica(old)
            .raft.verifyAuthority()
            .then(({ type }) => reads.push({ type, isStale: isStale() }));
        }
        // The late replies arrive while it still believes to lead, and belong to its current term. Nothing else
        // reaches it: the new leader stalls for that moment.
        await lab.time.sleep(lateAtMs - 10 - lab.time.now);
        lab.machine(leader).pausedUntilUs = 1000 * (lateAtMs + 10);
        await lab.time.sleep(5);
        for (const n of others) lab.world.network.mend(n, old);
        await lab.time.sleep(10);
        expect(lab.committed(lab.view(old).commitIndex)).toBe("102");
        expect(lab.view(old).role).toBe("leader");
        expect(reads).toEqual([]);

        for (const n of others) lab.world.network.mend(old, n);
        lab.machine(old).clock.setRate(1_000_000);
        await lab.time.until("the end of the reads", ELECTION_TIMEOUT_MS, () => reads.length === 3);
        for (const read of reads) expect(read).toMatchObject({ type: "notLeader" });
      }),
  );
});
