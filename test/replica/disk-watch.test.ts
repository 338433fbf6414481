import { expect, test } from "vitest";
import { DiskWatch } from "../../src/replica/disk-watch.ts";
import { n1 } from "../raft/inputs.ts";
import { bytes, Group } from "./group.ts";
import { type LogLine, recordingLogger } from "./recording-logger.ts";
import { VirtualClock } from "./virtual-clock.ts";

function watched() {
  const clock = new VirtualClock();
  const lines: LogLine[] = [];
  const hung: number[] = [];
  const watch = new DiskWatch({
    id: n1,
    clock,
    logger: recordingLogger(lines),
    electionTimeoutMs: 300,
    hangs: () => hung.push(clock.now()),
  });
  const write = async (ms: number) => {
    const ended = watch.during(() => new Promise((resolve) => clock.setTimer(ms, resolve)));
    await clock.elapse(ms);
    await ended;
  };
  return { clock, lines, hung, watch, write };
}

test("a write that takes more than a third of the election timeout is logged, at most once a minute, and its end too", async () => {
  const { clock, lines, write } = watched();
  await write(100);
  expect(lines).toEqual([]);
  for (let n = 0; n < 5; n++) await write(400);
  expect(lines).toEqual([
    {
      level: "warn",
      text:
        "a write to the disk of n1 took 400 ms: more than a third of the shortest election timeout (300 ms) " +
        "slows elections down",
      event: "disk.slow",
    },
  ]);
  await clock.elapse(58_400);
  await write(400);
  expect(lines.at(-1)?.text).toContain("took 400 ms, and 4 others as slow since the last such line");
  await clock.elapse(59_000);
  await write(5);
  expect(lines.length, "too early to say that it is over").toBe(2);
  await clock.elapse(1000);
  await write(5);
  await write(5);
  expect(lines.slice(2)).toEqual([
    { level: "info", text: "the disk of n1 has had no slow write for 60 s", event: "disk.recovered" },
  ]);
});

test("a write in flight for ten seconds hangs: its beginning and its end are logged", async () => {
  const { clock, lines, hung, watch, write } = watched();
  await write(1);
  await clock.elapse(4999);
  const writing = write(12_000);
  await clock.elapse(0);
  await writing;
  expect(hung).toEqual([15_000]);
  expect(lines.map(({ level, event }) => [level, event])).toEqual([
    ["error", "disk.hangs"],
    ["warn", "disk.recovered"],
  ]);
  expect(lines[1]?.text).toBe("the disk of n1 finished a write after 12 s: n1 takes part again");
  expect(watch.health()).toEqual({ writeInFlightMs: undefined, lastWriteMs: 12_000, hangs: false });
});

test("many quick writes set one timer in ten seconds, and an idle disk none", async () => {
  const { clock, watch, write } = watched();
  for (let n = 0; n < 100; n++) {
    await write(1);
    expect(clock.timers).toBe(1);
  }
  await clock.elapse(10_000);
  expect(clock.timers).toBe(0);
  watch.stop();
});

test("a replica whose disk hangs answers what it can, refuses other calls, and does not keep them", async () => {
  await using group = await Group.start(3);
  const leader = await group.electLeader();
  const [hung, other] = group.followers;
  if (hung === undefined || other === undefined) throw new Error("two followers");
  let finish: () => void = () => {};
  const write = hung.persister.write.bind(hung.persister);
  hung.persister.write = async (batch) => {
    await new Promise<void>((resolve) => {
      finish = resolve;
    });
    hung.persister.write = write;
    await write(batch);
  };
  const proposed = group.clock.settled(leader.raft.propose(bytes("a")));
  expect((await proposed).type, "the others go on").toBe("committed");
  await group.clock.elapse(9000);
  expect(hung.raft.status().health.disk).toMatchObject({ hangs: false, lastWriteMs: expect.any(Number) });
  await group.clock.elapse(2000);
  expect(hung.raft.status().health.disk.hangs).toBe(true);
  expect(hung.raft.status().health.disk.writeInFlightMs).toBeGreaterThan(10_000);
  expect(hung.raft.getState().leader, "heartbeats are answered all the time").toBe(leader.id);
  expect(leader.raft.status().health.callFailures.get(hung.id)?.reason).toContain("does not finish a write");
  const lines = group.lines.filter(({ event }) => event === "disk.hangs");
  expect(lines.map(({ text }) => text)).toEqual([
    `the disk of ${hung.id} has not finished a write for 10 s: until it does, ${hung.id} refuses what it could answer only after it`,
  ]);
  finish();
  await group.clock.until(() => hung.journal.commands.length === 1);
  expect(hung.raft.status().health.disk.hangs).toBe(false);
  expect(group.lines.filter(({ event }) => event === "disk.recovered").length).toBe(1);
});
