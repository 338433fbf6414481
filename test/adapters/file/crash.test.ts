import { expect, test } from "vitest";
import { filePersister } from "../../../adapters/file/index.ts";
import type { Persister, Random } from "../../../src/ports/index.ts";
import { replicaId } from "../../../src/raft/index.ts";
import {
  type Expected,
  nothingStored,
  recovered,
  scriptedRun,
} from "../../../src/testing/conformance/persister/script.ts";
import { CrashDisk } from "./crash-disk.ts";
import { MortalDisk } from "./mortal-disk.ts";

/** The part of the unsynced bytes that survives a power failure: nothing, everything, or a random part. */
const losses: readonly (() => Random)[] = [
  () => () => 1,
  () => () => 0,
  ...[1, 2, 3, 4, 5].map((seed) => () => seeded(seed)),
];

test("acknowledged data is recovered after a power failure at any disk operation", async () => {
  const operations = await operationsOf(new CrashDisk());
  expect(operations).toBeGreaterThan(80);
  for (let after = 0; after <= operations; after++) {
    for (const loss of losses) {
      const { disk, acknowledged } = await runUntil(after);
      await expectRecovered(disk.afterPowerLoss(loss()), acknowledged, `power lost after operation ${after}`);
    }
  }
});

test("a power failure at any operation of the recovery does not change what the next recovery finds", async () => {
  for (let after = 0; after <= (await operationsOf(new CrashDisk())); after += 7) {
    const first = await runUntil(after);
    const torn = first.disk.afterPowerLoss(seeded(after));
    for (let again = 0; ; again++) {
      const disk = torn.afterPowerLoss(() => 0);
      const mortal = new MortalDisk(disk, again);
      const survived = await ends(open(mortal).load());
      await mortal.kill();
      await expectRecovered(
        disk.afterPowerLoss(seeded(again)),
        first.acknowledged,
        `power lost after operation ${after}, and after ${again} of the recovery`,
      );
      if (survived) break;
    }
  }
});

test("a power failure at any operation while a copy is marked never makes the next start the newest", async () => {
  const newest = 9;
  for (let after = 0, marked = false; !marked; after++) {
    const disk = new CrashDisk();
    const first = open(disk);
    await first.load();
    await first[Symbol.asyncDispose]();
    const mortal = new MortalDisk(disk);
    const copy = open(mortal);
    await copy.load();
    const { use } = copy.identity();
    if (use === undefined || copy.retire === undefined) throw new Error("the directory counts no starts");
    mortal.dieAfter(after);
    marked = await ends(copy.retire("n2 knows a newer copy.", { ...use, starts: newest, boot: 1 }));
    await mortal.kill();
    for (const loss of losses) {
      const next = open(disk.afterPowerLoss(loss()));
      const isStarted = await ends(next.load());
      expect(isStarted && marked, `power lost after operation ${after}`).toBe(false);
      if (isStarted) expect(next.identity().use?.starts, `power lost after operation ${after}`).toBe(3);
      await next[Symbol.asyncDispose]();
    }
  }
});

/** Runs the script until the disk's user dies. Returns the number of acknowledged steps. */
async function runUntil(operations: number): Promise<{ disk: CrashDisk; acknowledged: number }> {
  const disk = new CrashDisk();
  const mortal = new MortalDisk(disk, operations);
  const persister = open(mortal);
  let acknowledged = 0;
  if (await ends(persister.load())) {
    for (const { run } of scriptedRun) {
      if (!(await ends(run(persister)))) break;
      acknowledged++;
    }
  }
  await ends(persister[Symbol.asyncDispose]());
  await mortal.kill();
  return { disk, acknowledged };
}

async function operationsOf(disk: CrashDisk): Promise<number> {
  const counting = new MortalDisk(disk);
  const persister = open(counting);
  await persister.load();
  for (const { run } of scriptedRun) await run(persister);
  await persister[Symbol.asyncDispose]();
  return counting.operations;
}

/** The storage has all acknowledged steps, and possibly the step in flight. */
async function expectRecovered(disk: CrashDisk, acknowledged: number, when: string): Promise<void> {
  const persister = open(disk);
  const found = await recovered(persister, await persister.load());
  const before = expectedAfter(acknowledged);
  const after = expectedAfter(Math.min(acknowledged + 1, scriptedRun.length));
  expect([before, after], when).toContainEqual(found);
  await persister.write({
    hardState: { currentTerm: 1000, votedFor: undefined, countedPeers: [] },
    entries: [],
  });
  await persister[Symbol.asyncDispose]();
}

function expectedAfter(steps: number): Expected {
  return scriptedRun[steps - 1]?.expected ?? nothingStored;
}

function open(disk: MortalDisk | CrashDisk): Persister {
  const owner = { clusterId: "c1", replicaId: replicaId("n1") };
  return filePersister({ ...owner, directory: "/data", disk, segmentBytes: 1024, compactLogBytes: 4096 });
}

async function ends(call: Promise<unknown>): Promise<boolean> {
  return call.then(
    () => true,
    () => false,
  );
}

/** Mulberry32. */
function seeded(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
