import { describe, expect } from "vitest";
import { type RaftLab, type RaftLabOptions, raftLab } from "../lab/raft-lab.ts";
import { labTest } from "../lab/seeds.ts";
import { atMost } from "../lab/thresholds.ts";

/** A snapshot is taken after so many indices. */
const SNAPSHOT_EVERY = 10;
const MAX_LOG_BYTES = 2000;
const ROUNDS = 30;

const patiently = { retry: true };

interface Trouble {
  /** The fault of one replica in each round, while the others continue. */
  readonly victim: "none" | "cutOff" | "crash";
}

/** No entries before a snapshot stay in memory, and log files are small, so that they can be removed. */
function options(seed: number, network: RaftLabOptions["network"] = "reliable"): RaftLabOptions {
  return {
    seed,
    replicas: 3,
    snapshotEvery: SNAPSHOT_EVERY,
    network,
    segmentBytes: 512,
    tuning: { retainedLogBytes: 0 },
  };
}

async function rounds(lab: RaftLab, { victim: trouble }: Trouble): Promise<void> {
  const others = trouble === "none" ? 3 : 2;
  await lab.one(lab.command(), 3, patiently);
  for (let round = 0; round < ROUNDS; round++) {
    const leader = await lab.oneLeader();
    const [victim, sender] = round % 3 === 1 ? [leader, lab.after(leader)] : [lab.after(leader), leader];
    if (trouble === "cutOff") lab.disconnect(victim);
    if (trouble === "crash") lab.crash(victim);
    if (trouble !== "none") await lab.one(lab.command(), others, patiently);
    // Perhaps enough for a snapshot, perhaps for two.
    const commands = SNAPSHOT_EVERY / 2 + lab.random.below(SNAPSHOT_EVERY);
    for (let n = 0; n < commands; n++) lab.start(sender, lab.command());
    await lab.one(lab.command(), others, patiently);
    atMost("bytes of the log", lab.longestLogBytes, MAX_LOG_BYTES);
    if (trouble === "none") continue;
    lab.machine(victim).start();
    lab.connect(victim);
    await lab.one(lab.command(), 3, patiently);
  }
  for (const n of lab.all)
    expect(lab.view(n).snapshot?.lastIncludedIndex).toBeGreaterThan((ROUNDS * SNAPSHOT_EVERY) / 2);
}

async function install(options: RaftLabOptions, trouble: Trouble): Promise<void> {
  await raftLab(options, async (lab) => {
    await rounds(lab, trouble);
    const chunks = lab.requests.get("installSnapshot") ?? 0;
    expect(chunks, "chunks of snapshots that were sent").toBeGreaterThan(0);
  });
}

function restartAll(lab: RaftLab): void {
  lab.crashAll();
  lab.startAll();
}

describe("snapshots", () => {
  labTest("keep the log below 2,000 bytes over 30 rounds of commands", (seed) =>
    raftLab(options(seed), (lab) => rounds(lab, { victim: "none" })),
  );

  labTest("bring a replica up to date that was cut off, 30 times", (seed) =>
    install(options(seed), { victim: "cutOff" }),
  );

  labTest("bring a replica up to date that was cut off, 30 times, over an unreliable network", (seed) =>
    install(options(seed, "unreliable"), { victim: "cutOff" }),
  );

  labTest("bring a replica up to date that crashed, 30 times", (seed) =>
    install(options(seed), { victim: "crash" }),
  );

  labTest("bring a replica up to date that crashed, 30 times, over an unreliable network", (seed) =>
    install(options(seed, "unreliable"), { victim: "crash" }),
  );

  labTest("and logs are read back together when all replicas crash, five times", (seed) =>
    raftLab(options(seed), async (lab) => {
      await lab.one(lab.command(), 3, patiently);
      for (let round = 0; round < 5; round++) {
        const commands = SNAPSHOT_EVERY / 2 + lab.random.below(SNAPSHOT_EVERY);
        for (let n = 0; n < commands; n++) await lab.one(lab.command(), 3, patiently);
        const before = await lab.one(lab.command(), 3, patiently);
        restartAll(lab);
        expect(await lab.one(lab.command(), 3, patiently)).toBeGreaterThan(before);
      }
    }),
  );

  labTest("are where a replica starts from, even if it crashes again before it takes its own", (seed) =>
    raftLab(options(seed), async (lab) => {
      const commands = Array.from({ length: SNAPSHOT_EVERY + 4 }, () => lab.command());
      const [last = "", beforeLast = "", ...first] = commands;
      for (const command of first) await lab.one(command, 3, patiently);
      restartAll(lab);
      // Only one entry, so that there is a snapshot and a small log.
      await lab.one(beforeLast, 3, patiently);
      restartAll(lab);
      await lab.one(last, 3, patiently);
      for (const n of lab.all) {
        const { journal } = lab.replica(n);
        expect(journal.restored).toBe(1);
        expect(journal.commands).toEqual([...first, beforeLast, last]);
      }
    }),
  );
});
