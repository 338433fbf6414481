import process from "node:process";
import { Worker } from "node:worker_threads";
import { describe, expect, test } from "vitest";
import {
  peakResidentMib,
  residentMib,
  usageOf,
  wakeUpsBetween,
} from "../../bench/systems/process-figures.ts";

/** Uses 200 ms of CPU. */
const busy = `
  const used = () => process.cpuUsage().user + process.cpuUsage().system;
  const before = used();
  while (used() < before + 200_000);
`;

describe.skipIf(process.platform !== "linux")("the figures of a process", () => {
  test("count the CPU of a thread that has ended, but not for the main thread", async () => {
    const before = usageOf(process.pid);
    await new Promise((resolve) => new Worker(busy, { eval: true }).once("exit", resolve));
    const after = usageOf(process.pid);
    const mainThreadMs = after.mainThreadMs - before.mainThreadMs;
    expect(after.cpuMs - before.cpuMs - mainThreadMs).toBeGreaterThanOrEqual(100);
    expect(after.atMs).toBeGreaterThan(before.atMs);
  });

  test("count the wake-ups of living threads: a thread that ends takes none away", async () => {
    const thread = new Worker("setInterval(() => {}, 1)", { eval: true });
    await new Promise((resolve) => thread.once("online", resolve));
    const before = usageOf(process.pid);
    await thread.terminate();
    expect(wakeUpsBetween(before, usageOf(process.pid))).toBeGreaterThanOrEqual(0);
  });

  test("have a peak of memory that is at least what is resident now", () => {
    expect(residentMib(process.pid)).toBeGreaterThan(1);
    expect(peakResidentMib(process.pid)).toBeGreaterThanOrEqual(residentMib(process.pid));
  });
});
