import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { RUN_VARIABLE } from "./processes-of.ts";

const inProject = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Ensures that no process started by a test outlives the run, even if the run is killed. */
export default function guardRun(): void {
  const run = crypto.randomUUID();
  const bun = inProject("node_modules/.bin/bun");
  // Its own process group, and no mark: what ends the run does not end the guard.
  const { [RUN_VARIABLE]: _, ...env } = process.env;
  const guard = spawn(bun, [inProject("test/run-guard/guard.ts"), run], {
    env,
    detached: true,
    stdio: ["pipe", "ignore", "inherit"],
  });
  guard.unref();
  process.env[RUN_VARIABLE] = run;
}
