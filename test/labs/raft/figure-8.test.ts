import { describe } from "vitest";
import { ELECTION_TIMEOUT_MS } from "../lab/cluster.ts";
import { type RaftLab, raftLab } from "../lab/raft-lab.ts";
import { labTest } from "../lab/seeds.ts";

const ITERATIONS = 1000;

/** Starts a command wherever it is taken. @returns the last replica that took it */
function startEverywhere(lab: RaftLab, command: string): number | undefined {
  let taken: number | undefined;
  for (const n of lab.all) if (lab.start(n, command) !== undefined) taken = n;
  return taken;
}

/** Sometimes long enough to commit an entry, mostly not. */
function aWhile(lab: RaftLab): Promise<void> {
  const isLong = lab.random.chance(100);
  return lab.time.sleep(lab.random.below(isLong ? ELECTION_TIMEOUT_MS / 2 : 13));
}

describe("figure 8", () => {
  labTest(
    "leaders of five crash before or after they commit, 1,000 times, and no committed entry is lost",
    (seed) =>
      raftLab({ seed, replicas: 5 }, async (lab) => {
        await lab.one(lab.command(), 1, { retry: true });
        for (let n = 0; n < ITERATIONS; n++) {
          const leader = startEverywhere(lab, lab.command());
          await aWhile(lab);
          if (leader !== undefined) lab.crash(leader);
          if (lab.all.filter((replica) => lab.isUp(replica)).length < 3) {
            lab.machine(lab.random.below(5)).start();
          }
        }
        lab.startAll();
        await lab.one(lab.command(), 5, { retry: true });
      }),
  );

  labTest(
    "leaders are cut off on an unreliable network, 1,000 times, with late replies from the 200th on",
    (seed) =>
      raftLab({ seed, replicas: 5, network: "unreliable" }, async (lab) => {
        await lab.one(lab.command(), 1, { retry: true });
        for (let n = 0; n < ITERATIONS; n++) {
          if (n === 200) lab.become("reordering");
          const leader = startEverywhere(lab, lab.command());
          await aWhile(lab);
          if (leader !== undefined && lab.random.chance(500)) lab.disconnect(leader);
          if (lab.connected.length < 3) lab.connect(lab.random.below(5));
        }
        lab.connect(...lab.all);
        await lab.one(lab.command(), 5, { retry: true });
      }),
  );
});
