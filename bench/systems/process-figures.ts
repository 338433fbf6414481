import { readdirSync, readFileSync } from "node:fs";

/** The resources that a process has used so far, with all its threads. */
export interface Usage {
  readonly atMs: number;
  readonly cpuMs: number;
  /** Number of voluntary context switches: the process slept and was woken. */
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

/** Returns an empty text if the thread has ended. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** Returns its share of the machine's memory in MiB. */
export function residentMib(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(read(`/proc/${pid}/status`))?.[1]) / 1024;
}
