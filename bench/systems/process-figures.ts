import { readdirSync, readFileSync } from "node:fs";

/** What a process has used up so far, all of its threads together. */
export interface Usage {
  readonly atMs: number;
  readonly cpuMs: number;
  /** How often it went to sleep of its own accord, and so was woken. */
  readonly wakeUps: number;
}

export function usageOf(pid: number): Usage {
  let cpuNs = 0;
  let wakeUps = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const directory = `/proc/${pid}/task/${thread}`;
    cpuNs += Number(read(`${directory}/schedstat`).split(" ")[0]);
    wakeUps += Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(read(`${directory}/status`))?.[1] ?? 0);
  }
  return { atMs: performance.now(), cpuMs: cpuNs / 1e6, wakeUps };
}

/** Empty where the thread has ended meanwhile. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** Its share of the machine's memory, in MiB. */
export function residentMib(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(read(`/proc/${pid}/status`))?.[1]) / 1024;
}
