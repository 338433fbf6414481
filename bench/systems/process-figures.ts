import { readdirSync, readFileSync } from "node:fs";

/** Of the times in `/proc/PID/stat`: Linux counts them in hundredths of a second for every program. */
const TICK_MS = 10;

/** The resources that a process has used so far. */
export interface Usage {
  readonly atMs: number;
  /** User and system time of all threads in ms, including those that have ended. A multiple of 10. */
  readonly cpuMs: number;
  /** User and system time of the main thread in ms. A multiple of 10. */
  readonly mainThreadMs: number;
  /** Number of voluntary context switches of each living thread: how often it slept and was woken. */
  readonly wakeUps: ReadonlyMap<string, number>;
}

export function usageOf(pid: number): Usage {
  const wakeUps = new Map<string, number>();
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const status = read(`/proc/${pid}/task/${thread}/status`);
    wakeUps.set(thread, Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)?.[1] ?? 0));
  }
  return {
    atMs: performance.now(),
    cpuMs: cpuMsIn(read(`/proc/${pid}/stat`)),
    mainThreadMs: cpuMsIn(read(`/proc/${pid}/task/${pid}/stat`)),
    wakeUps,
  };
}

/** Returns the wake-ups between two times, without those of threads that have ended. */
export function wakeUpsBetween(from: Usage, to: Usage): number {
  return [...to.wakeUps].reduce((sum, [thread, count]) => sum + count - (from.wakeUps.get(thread) ?? 0), 0);
}

/** Adds up `utime` and `stime`, the fields 14 and 15; field 2 is the program's name in parentheses (proc(5)). */
function cpuMsIn(stat: string): number {
  const fromThird = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fromThird[14 - 3]) + Number(fromThird[15 - 3])) * TICK_MS;
}

/** Returns an empty text if the thread or process has ended. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** Returns the resident memory of a process in MiB. */
export function residentMib(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(read(`/proc/${pid}/status`))?.[1]) / 1024;
}

/** Returns the largest resident memory that a process has had so far, in MiB. */
export function peakResidentMib(pid: number): number {
  return Number(/VmHWM:\s+(\d+)/.exec(read(`/proc/${pid}/status`))?.[1]) / 1024;
}
