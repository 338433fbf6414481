import type { LoadReport } from "./load-report.ts";
import { absent } from "./requests.ts";
import { nowMs } from "./schedule.ts";

/** The results of a load's requests. */
export class Tally {
  readonly #fromMs: number;
  readonly #endMs: number;
  readonly #latenciesMs: number[] = [];
  #timely = 0;
  #total = 0;
  #failed = 0;
  #failure: string | undefined;
  #absent = 0;
  #cpuBefore: NodeJS.CpuUsage | undefined;

  /** Counts answers between two times, in ms since 1970. */
  constructor(fromMs: number, endMs: number) {
    this.#fromMs = fromMs;
    this.#endMs = endMs;
  }

  get isOver(): boolean {
    return nowMs() >= this.#endMs;
  }

  /** @param wrong see `Request.check` */
  answered(sinceMs: number, wrong: string | undefined): void {
    this.#total++;
    if (wrong === absent) this.#absent++;
    else if (wrong !== undefined) {
      this.#failed++;
      this.#failure = wrong;
    }
    const now = nowMs();
    if (now < this.#fromMs) return;
    this.#cpuBefore ??= process.cpuUsage();
    this.#latenciesMs.push(now - sinceMs);
    if (now < this.#endMs) this.#timely++;
  }

  report(): LoadReport {
    const elapsedMs = nowMs() - this.#fromMs;
    const cpu = process.cpuUsage(this.#cpuBefore);
    return {
      count: this.#timely,
      seconds: Math.min(elapsedMs, this.#endMs - this.#fromMs) / 1000,
      total: this.#total,
      failed: this.#failed,
      ...(this.#failure === undefined ? {} : { failure: this.#failure }),
      absent: this.#absent,
      ...percentiles(this.#latenciesMs),
      loadCpuPercent: (cpu.user + cpu.system) / 10 / elapsedMs,
    };
  }
}

/** Returns percentiles of times in ms, given in any order; 0 if there are none. */
export function percentiles(
  latenciesMs: readonly number[],
): Pick<LoadReport, "p50Ms" | "p95Ms" | "p99Ms" | "p999Ms" | "maxMs"> {
  const sorted = Float64Array.from(latenciesMs).sort();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99), p999Ms: at(0.999), maxMs: at(1) };
}
