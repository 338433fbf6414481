import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { memoryDirectory } from "../../adapters/memory-directory.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const bun = fileURLToPath(new URL("../../../node_modules/.bin/bun", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs a script of the project with Bun, as its npm scripts do, and waits for its end. */
export function runScript(script: string, ...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    // Mutants are copies of the project: in memory, if there is such a place, they take a third of the time.
    const env = { ...process.env, TMPDIR: memoryDirectory };
    const child = spawn(bun, [script, ...args], { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    let errors = "";
    child.stdout.on("data", (bytes) => {
      output += bytes;
    });
    child.stderr.on("data", (bytes) => {
      errors += bytes;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output, errors }));
  });
}

/** A limit that only a hang can reach. */
export const PATIENT_MS: number = 15 * 60_000;
