import { describe, expect } from "vitest";
import type { ProposeOutcome } from "../../../src/replica/index.ts";
import { type RaftLab, raftLab } from "../lab/raft-lab.ts";
import { labTest } from "../lab/seeds.ts";
import { atMost } from "../lab/thresholds.ts";

type Outcome = ProposeOutcome<number>;

/** Pending submits, and their outcomes. */
class Submits {
  readonly outcomes: Outcome[] = [];
  readonly #lab: RaftLab;
  #asked = 0;

  constructor(lab: RaftLab) {
    this.#lab = lab;
  }

  get areOver(): boolean {
    return this.outcomes.length === this.#asked;
  }

  get committed(): readonly Extract<Outcome, { type: "committed" }>[] {
    return this.outcomes.filter((outcome) => outcome.type === "committed");
  }

  /** Sends one request to one replica. */
  at(n: number, command: string): void {
    this.#asked++;
    const proposed = this.#lab.replica(n).raft.propose(new TextEncoder().encode(command));
    proposed.then((outcome) => this.outcomes.push(outcome));
  }

  /** Proposes to the current leader until it is done, and returns its outcome. */
  async anywhere(command: string): Promise<Extract<Outcome, { type: "committed" }>> {
    for (;;) {
      const leader = await this.#lab.oneLeader();
      const outcome = await this.#lab.replica(leader).raft.propose(new TextEncoder().encode(command));
      if (outcome.type === "committed") return outcome;
      await this.#lab.time.sleep(20);
    }
  }
}

async function concurrently(lab: RaftLab, count: number): Promise<void> {
  const submits = new Submits(lab);
  const leader = await lab.oneLeader();
  for (let n = 0; n < count; n++) submits.at(leader, `${n}`);
  await lab.time.until(`${count} submits`, 1000, () => submits.areOver);
  // Each gets the result at its own index: the first sees a journal with one command, and so on.
  expect(submits.committed.map(({ result }) => result)).toEqual(
    Array.from({ length: count }, (_, n) => n + 1),
  );
  for (const [n, { index }] of submits.committed.entries()) expect(lab.committed(index)).toBe(`${n}`);
  const last = submits.committed.at(-1)?.index ?? 0;
  await lab.time.until("all replicas", 1000, () => lab.committedBy(last) === 3);
}

describe("the replicated state machine", () => {
  labTest("answers ten concurrent submits, each with its own result", (seed) =>
    raftLab({ seed, replicas: 3 }, (lab) => concurrently(lab, 10)),
  );

  labTest("answers fifty concurrent submits, each with its own result", (seed) =>
    raftLab({ seed, replicas: 3 }, (lab) => concurrently(lab, 50)),
  );

  labTest(
    "of 100 submits to a leader in a minority none succeeds, and all return within 1 s of healing",
    (seed) =>
      raftLab({ seed, replicas: 5 }, async (lab) => {
        const submits = new Submits(lab);
        await submits.anywhere("before");
        const old = await lab.oneLeader();
        const isMinority = (n: number) => n === old || n === lab.after(old);
        lab.connections.allow((a, b) => isMinority(a) === isMinority(b));
        // The first ones reach a leader that doesn't know yet, the last ones a leader that has stepped down.
        for (let n = 0; n < 100; n++) {
          submits.at(old, `lost ${n}`);
          await lab.time.sleep(5);
        }
        const elected = () => lab.all.find((n) => !isMinority(n) && lab.view(n).role === "leader");
        await lab.time.until("a leader of the majority", 2000, () => elected() !== undefined);
        const there = await lab.replica(elected() ?? 0).raft.propose(new TextEncoder().encode("after"));
        expect(there.type).toBe("committed");
        expect(submits.committed).toEqual([]);
        expect(submits.areOver, "some wait for the partition to heal").toBe(false);

        lab.connections.allow(() => true);
        const healedAtMs = lab.time.now;
        await lab.time.until("all submits", 1000, () => submits.areOver);
        atMost("ms until 100 submits in a minority return", lab.time.now - healedAtMs, 1000);
        expect(submits.committed).toEqual([]);
        await submits.anywhere("at last");
        expect(lab.replica(await lab.oneLeader()).journal.commands).toEqual(["before", "after", "at last"]);
      }),
  );

  labTest("replays 100 commands after all replicas restarted, and continues", (seed) =>
    raftLab({ seed, replicas: 3 }, async (lab) => {
      const submits = new Submits(lab);
      for (let n = 0; n < 100; n++) await submits.anywhere(`${n}`);
      lab.crashAll();
      lab.startAll();
      const { result } = await submits.anywhere("100");
      expect(result).toBe(101);
      await lab.time.until("all replicas", 1000, () =>
        lab.all.every((n) => lab.replica(n).journal.count === 101),
      );
      const commands = Array.from({ length: 101 }, (_, n) => `${n}`);
      for (const n of lab.all) expect(lab.replica(n).journal.commands).toEqual(commands);
    }),
  );

  labTest("ends all submits within 11 s of a shutdown", (seed) =>
    raftLab({ seed, replicas: 3 }, async (lab) => {
      const submits = new Submits(lab);
      await submits.anywhere("before");
      const leader = await lab.oneLeader();
      // Some are committed, some are in flight, and in half of the rounds the others can't be committed.
      for (let n = 0; n < 50; n++) submits.at(leader, `${n}`);
      await lab.time.sleep(lab.random.below(3));
      if (lab.random.chance(500)) lab.disconnect(leader);
      for (let n = 50; n < 100; n++) submits.at(leader, `${n}`);
      const beganMs = lab.time.now;
      for (const n of lab.all) void lab.machine(n).stop();
      const isOver = () => submits.areOver && lab.all.every((n) => !lab.isUp(n));
      await lab.time.until("the end of all submits and replicas", 11_000, isOver);
      atMost("ms until all submits return after a shutdown", lab.time.now - beganMs, 11_000);
    }),
  );

  labTest("takes snapshots that keep the log within twice its limit", (seed) => {
    const logLimitBytes = 1000;
    return raftLab(
      { seed, replicas: 3, logLimitBytes, segmentBytes: 256, tuning: { retainedLogBytes: 0 } },
      async (lab) => {
        const submits = new Submits(lab);
        for (let n = 1; n <= 100; n++) expect((await submits.anywhere(`${n}`)).result).toBe(n);
        await lab.time.sleep(100);
        atMost("bytes of a log whose limit is 1,000", lab.longestLogBytes, 2 * logLimitBytes);
        lab.crashAll();
        lab.startAll();
        expect((await submits.anywhere("101")).result).toBe(101);
        for (const n of lab.all) expect(lab.replica(n).journal.restored).toBe(1);
      },
    );
  });
});
