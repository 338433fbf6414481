import { describe } from "vitest";
import { ELECTION_TIMEOUT_MS } from "../lab/cluster.ts";
import { type RaftLab, raftLab } from "../lab/raft-lab.ts";
import { labTest } from "../lab/seeds.ts";

const patiently = { retry: true };

function restart(lab: RaftLab, ...replicas: number[]): void {
  for (const n of replicas) lab.crash(n);
  for (const n of replicas) lab.machine(n).start();
  lab.connect(...replicas);
}

describe("persistence", () => {
  labTest("agreement continues after a crash of all, the leader, an isolated leader, or a follower", (seed) =>
    raftLab({ seed, replicas: 3 }, async (lab) => {
      await lab.one("11", 3, patiently);
      restart(lab, ...lab.all);
      await lab.one("12", 3, patiently);

      const first = await lab.oneLeader();
      lab.disconnect(first);
      restart(lab, first);
      await lab.one("13", 3, patiently);

      const second = await lab.oneLeader();
      lab.disconnect(second);
      const index = await lab.one("14", 2, patiently);
      restart(lab, second);
      await lab.time.until("the old leader follows", 5000, () => lab.committedBy(index, "14") === 3);

      const third = lab.after(await lab.oneLeader());
      lab.disconnect(third);
      await lab.one("15", 2, patiently);
      restart(lab, third);
      await lab.one("16", 3, patiently);
    }),
  );

  labTest("different majorities of five, some of them just restarted, carry the log on, five times", (seed) =>
    raftLab({ seed, replicas: 5 }, async (lab) => {
      for (let round = 0; round < 5; round++) {
        await lab.one(lab.command(), 5, patiently);
        const leader = await lab.oneLeader();
        const at = (steps: number) => lab.after(leader, steps);
        lab.disconnect(at(1), at(2));
        await lab.one(lab.command(), 3, patiently);
        lab.disconnect(at(0), at(3), at(4));
        restart(lab, at(1), at(2));
        await lab.time.sleep(ELECTION_TIMEOUT_MS);
        restart(lab, at(3));
        await lab.one(lab.command(), 3, patiently);
        lab.connect(at(4), at(0));
      }
      await lab.one("1000", 5, patiently);
    }),
  );

  labTest("a leader and a follower crash while the third is cut off, and what they committed stays", (seed) =>
    raftLab({ seed, replicas: 3 }, async (lab) => {
      await lab.one("101", 3, patiently);
      const leader = await lab.oneLeader();
      const [follower, other] = [lab.after(leader, 1), lab.after(leader, 2)];
      lab.disconnect(other);
      await lab.one("102", 2, patiently);
      lab.crash(leader);
      lab.crash(follower);
      lab.connect(other);
      lab.machine(leader).start();
      await lab.one("103", 2, patiently);
      lab.machine(follower).start();
      const index = await lab.one("104", 3, patiently);
      const commands = lab.replica(leader).journal.commands.filter((command) => command !== "103");
      if (`${commands}` !== "101,102,104") throw new Error(`at ${index} there is ${commands}`);
    }),
  );

  labTest(
    "an unreliable network delays agreement and does not prevent it: 49 rounds of five commands",
    (seed) =>
      raftLab({ seed, replicas: 5, network: "unreliable" }, async (lab) => {
        const asked: Promise<number>[] = [];
        for (let round = 1; round < 50; round++) {
          for (let n = 0; n < 4; n++) asked.push(lab.one(`${100 * round + n}`, 1, patiently));
          await lab.one(`${round}`, 1, patiently);
        }
        lab.become("reliable");
        await Promise.all(asked);
        await lab.one("100", 5, patiently);
      }),
  );
});
