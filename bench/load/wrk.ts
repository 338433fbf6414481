import { spawnChild } from "../systems/children.ts";
import type { LoadReport } from "./load-report.ts";

const script = new URL("./requests.lua", import.meta.url).pathname;

export const wrkIsHere: boolean = Bun.which("wrk") !== null;

/** See `Load`. */
export interface WrkLoad {
  readonly target: URL;
  readonly clients: number;
  readonly seconds: number;
  readonly puts: number;
  readonly valueBytes: number;
  readonly keys: number;
}

/** What the script prints at the end. Times are in µs. */
interface Printed {
  readonly count: number;
  readonly us: number;
  readonly failed: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/**
 * A second load on durio, with a thread of C. It takes less of the cores that it shares with the replicas than our own
 * load, but checks only the status of a response. It sends either puts or gets, for whole seconds, without a warm-up.
 */
export async function runWrk(load: WrkLoad): Promise<LoadReport> {
  const seconds = Math.ceil(load.seconds);
  const flags = ["--threads", "1", "--connections", `${load.clients}`, "--duration", `${seconds}s`];
  const request = [load.puts === 1 ? "put" : "get", `${load.valueBytes}`, `${load.keys}`];
  const child = spawnChild(
    ["wrk", ...flags, "--script", script, load.target.origin, "--", ...request],
    "pipe",
  );
  const output = await new Response(child.stdout).text();
  const printed = /^WRK (.*)$/m.exec(output)?.[1];
  if ((await child.exited) !== 0 || printed === undefined) throw new Error(`wrk failed:\n${output}`);
  const { count, us, failed, p50, p95, p99, p999, max } = JSON.parse(printed) as Printed;
  const cpuUs = Number(child.resourceUsage()?.cpuTime.total ?? 0);
  return {
    count,
    seconds: us / 1e6,
    total: count,
    failed,
    ...(failed > 0 && { failure: "errors that wrk counts without their text" }),
    absent: 0,
    p50Ms: p50 / 1000,
    p95Ms: p95 / 1000,
    p99Ms: p99 / 1000,
    p999Ms: p999 / 1000,
    maxMs: max / 1000,
    loadCpuPercent: (100 * cpuUs) / us,
  };
}
