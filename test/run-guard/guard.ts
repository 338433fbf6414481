/**
 * Waits for the end of a test run, which closes the guard's standard input, and kills the remaining processes of the
 * run:
 *
 *     bun test/run-guard/guard.ts RUN
 */
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { processesOf } from "./processes-of.ts";

const [, , run = ""] = process.argv;
// Ignores the signals that a terminal sends to all its processes, because it has work to do after the others.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
for await (const _ of process.stdin);

/** A process may just have been starting another one. */
for (let left = processesOf(run); left.length > 0; left = processesOf(run)) {
  for (const pid of left) kill(pid);
  await sleep(20);
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has just ended.
  }
}
