import { describe, expect } from "vitest";
import { ELECTION_TIMEOUT_MS } from "../lab/cluster.ts";
import { type RaftLab, raftLab } from "../lab/raft-lab.ts";
import { labTest } from "../lab/seeds.ts";

const CLIENTS = 3;
const ROUNDS = 20;

/** Longest pause of a client after a command, in ms. Without it, most of the time goes into similar commands. */
const THINKING_MS = 100;

/** Starts commands until it is stopped. @returns those that it saw committed */
async function client(lab: RaftLab, number: number, isOver: () => boolean): Promise<string[]> {
  const committed: string[] = [];
  while (!isOver()) {
    const command = lab.command();
    let index: number | undefined;
    for (const n of lab.all) index = lab.start(n, command)?.index ?? index;
    if (index === undefined) {
      await lab.time.sleep(79 + 17 * number);
      continue;
    }
    // It may be committed, or not: it is not waited for long.
    for (const ms of [10, 20, 50, 100, 200]) {
      const applied = lab.committed(index);
      if (applied === command) committed.push(command);
      if (applied !== undefined) break;
      await lab.time.sleep(ms);
    }
    await lab.time.sleep(lab.random.below(THINKING_MS));
  }
  return committed;
}

/** Cuts off, brings back and crashes replicas at random. */
async function disturb(lab: RaftLab): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    if (lab.random.chance(200)) lab.disconnect(lab.random.below(5));
    if (lab.random.chance(500)) {
      const n = lab.random.below(5);
      lab.machine(n).start();
      lab.connect(n);
    }
    if (lab.random.chance(200)) lab.crash(lab.random.below(5));
    // Often too short to recover fully from one round before the next.
    await lab.time.sleep(0.7 * ELECTION_TIMEOUT_MS);
  }
}

async function churn(lab: RaftLab): Promise<void> {
  let isOver = false;
  const clients = Array.from({ length: CLIENTS }, (_, n) => client(lab, n, () => isOver));
  await disturb(lab);
  await lab.time.sleep(ELECTION_TIMEOUT_MS);
  lab.become("reliable");
  lab.startAll();
  lab.connect(...lab.all);
  isOver = true;
  const seen = (await Promise.all(clients)).flat();
  await lab.time.sleep(ELECTION_TIMEOUT_MS);
  await lab.one(lab.command(), 5, { retry: true });
  expect(seen.length).toBeGreaterThan(0);
  for (const n of lab.all) {
    const applied = new Set(lab.replica(n).journal.commands);
    expect(seen.filter((command) => !applied.has(command))).toEqual([]);
  }
}

describe("churn", () => {
  labTest(
    "what three clients saw committed while replicas came and went for 20 rounds is in every log",
    (seed) => raftLab({ seed, replicas: 5 }, churn),
  );

  labTest("and so it is after 20 rounds on an unreliable network", (seed) =>
    raftLab({ seed, replicas: 5, network: "unreliable" }, churn),
  );
});
