import { describe, expect } from "vitest";
import { type RaftLab, raftLab } from "../lab/raft-lab.ts";
import { labTest } from "../lab/seeds.ts";
import { atMost } from "../lab/thresholds.ts";

const ENTRIES = 10;

/**
 * The requests between replicas, without those that the labs' servers don't send: a replica with empty storage asks all
 * others, once before its first election, whether they are new.
 */
function requests(lab: RaftLab): number {
  let sum = 0;
  for (const [type, count] of lab.requests) if (type !== "bootstrapCheck") sum += count;
  return sum;
}

/** @returns how many requests agreement on some entries took; undefined if the term moved on meanwhile */
async function requestsForEntries(lab: RaftLab): Promise<number | undefined> {
  const leader = await lab.oneLeader();
  const before = requests(lab);
  const first = lab.start(leader, "0");
  if (first === undefined) return undefined;
  const commands = Array.from({ length: ENTRIES + 1 }, () => lab.command());
  for (const [n, command] of commands.entries()) {
    const position = lab.start(leader, command);
    if (position?.term !== first.term) return undefined;
    expect(position.index).toBe(first.index + 1 + n);
  }
  const last = first.index + commands.length;
  if (!(await lab.time.within(3000, () => lab.committedBy(last) === lab.size))) return undefined;
  for (const [n, command] of commands.entries()) expect(lab.committed(first.index + 1 + n)).toBe(command);
  if (lab.all.some((n) => lab.view(n).currentTerm !== first.term)) return undefined;
  return requests(lab) - before;
}

describe("economy", () => {
  labTest(
    "each command is sent to each peer about once: ten of 5,000 bytes take at most 200,000 bytes",
    (seed) =>
      raftLab({ seed, replicas: 3 }, async (lab) => {
        await lab.one("99", 3, { retry: false });
        const before = lab.bytesSent;
        for (let n = 0; n < 10; n++) await lab.one(lab.command().padEnd(5000, "x"), 3, { retry: false });
        atMost("bytes for ten commands of 5,000", lab.bytesSent - before, 200_000);
      }),
  );

  labTest("requests are few: 30 to elect a leader, 42 for about 11 entries, 60 in an idle second", (seed) =>
    raftLab({ seed, replicas: 3 }, async (lab) => {
      await lab.oneLeader();
      // Until all know the leader, and its first entry is committed.
      const led = () => lab.all.every((n) => lab.view(n).commitIndex > 0);
      await lab.time.until("a leader that all know", 1000, led);
      expect(requests(lab)).toBeGreaterThanOrEqual(1);
      atMost("requests to elect a leader", requests(lab), 30);

      let forEntries: number | undefined;
      for (let tries = 0; tries < 5 && forEntries === undefined; tries++) {
        if (tries > 0) await lab.time.sleep(3000);
        forEntries = await requestsForEntries(lab);
      }
      if (forEntries === undefined) throw new Error("the term moved on five times");
      atMost("requests for about 11 entries", forEntries, (ENTRIES + 1 + 3) * 3);

      const before = requests(lab);
      await lab.time.sleep(1000);
      atMost("requests in an idle second", requests(lab) - before, 60);
    }),
  );
});
