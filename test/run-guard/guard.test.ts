import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { processesOf, RUN_VARIABLE } from "./processes-of.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

test.skipIf(process.platform !== "linux").each(["SIGKILL", "SIGTERM", "SIGINT"] as const)(
  "a run of the tests that gets %s leaves no process behind",
  async (signal) => {
    const vitest = ["node_modules/vitest/vitest.mjs", "run", "--config", "test/run-guard/vitest.config.ts"];
    const child = spawn(process.execPath, vitest, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
    const exited = once(child, "exit");
    const run = await new Promise<string>((resolve) => {
      let output = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        const [, found] = /started, in run (\S+)/.exec(output) ?? [];
        if (found !== undefined) resolve(found);
      });
    });
    expect(run).not.toBe(process.env[RUN_VARIABLE]);
    // The worker, durio and the NATS server at least.
    expect(processesOf(run).length).toBeGreaterThanOrEqual(3);
    child.kill(signal);
    await exited;
    while (processesOf(run).length > 0) await sleep(20);
  },
);
