import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const inProject = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const bun = inProject("node_modules/.bin/bun");
const main = inProject("scripts/chaos/main.ts");
const smallest = ["--no-planted", "--runs", "1", "--only", "3-bun-http-file", "--seed", "5"];

/** A cluster on a busy machine may take its minute to form, and another to recover. */
const TIMEOUT_MS = 240_000;

/** The directory of all files of a run, by which its processes are found. */
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "chaos-test-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

class Chaos {
  readonly exited: Promise<unknown>;
  output = "";
  readonly #process: ChildProcess;

  constructor(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    const env = { ...process.env, TMPDIR: directory, ...environment };
    this.#process = spawn(bun, [main, ...smallest, ...args], { env, stdio: ["ignore", "pipe", "inherit"] });
    this.#process.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.output += text;
    });
    this.exited = once(this.#process, "close");
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }
}

/** Number of processes with the run's directory in their command line. */
function replicas(): number {
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(`${directory}/`);
    } catch {
      return false;
    }
  }).length;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(20);
}

describe.skipIf(process.platform !== "linux")("npm run chaos", () => {
  test.each(["separate namespaces", "proxies"])(
    "in %s runs a cluster, says how to repeat it, and leaves nothing",
    { timeout: TIMEOUT_MS },
    async (where) => {
      const environment: Record<string, string> =
        where === "proxies" ? { RUAFT_CHAOS_NO_NAMESPACES: "1" } : {};
      const chaos = new Chaos(["--seconds", "2", "--faults", "kill-leader"], environment);
      await chaos.exited;
      expect(chaos.output).toMatch(
        /npm run chaos -- --no-planted --runs 1 --seconds 2 --only 3-bun-http-file --seed 5/,
      );
      expect(chaos.output).toMatch(/operations: [1-9]\d* ok/);
      expect(chaos.output).toMatch(/\nlost +0 /);
      expect(readdirSync(directory)).toEqual([]);
      await until(() => replicas() === 0);
    },
  );

  test.each(["SIGINT", "SIGTERM", "SIGKILL"] as const)(
    "ends all that it started when it gets %s",
    async (signal) => {
      const chaos = new Chaos(["--seconds", "600"]);
      await until(() => replicas() >= 3);
      chaos.signal(signal);
      await chaos.exited;
      await until(() => replicas() === 0);
    },
  );

  test("ends all processes when it is killed, even without namespaces", async () => {
    const chaos = new Chaos(["--seconds", "600"], { RUAFT_CHAOS_NO_NAMESPACES: "1" });
    await until(() => replicas() >= 3);
    chaos.signal("SIGKILL");
    await chaos.exited;
    await until(() => replicas() === 0);
  });
});
