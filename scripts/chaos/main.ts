/** Runs durio in real processes under faults: `npm run chaos -- --help`. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { CommanderError } from "commander";
import { campaign } from "./campaign.ts";
import { type ChaosOptions, chaosCommand, MAX_SEED } from "./options.ts";
import { startChild } from "./processes.ts";
import { INSIDE, isInside, toolsHere, unshare } from "./tools.ts";

async function main(args: readonly string[]): Promise<number> {
  const options = chaosCommand().parse(args, { from: "user" }).opts<ChaosOptions>();
  if (isInside()) {
    // The starting process holds the standard input. When that process ends, everything here must end, too.
    process.stdin.on("end", () => process.exit(143)).resume();
    prepareNamespaces();
    return await campaign({ seed: 0, ...options }, toolsHere(), process.env[INSIDE] ?? "");
  }
  const seed = options.seed ?? Math.floor(Math.random() * MAX_SEED);
  const tools = toolsHere();
  const directory = mkdtempSync(join(tmpdir(), "ruaft-chaos-"));
  process.on("exit", () => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }));
  if (!tools.has("namespaces")) return await campaign({ ...options, seed }, tools, directory);
  // When its first process ends, everything inside ends, including its network and mounts.
  const again = [process.execPath, ...process.argv.slice(1, 2), ...args, "--seed", String(seed)];
  const inner = startChild(unshare(again), { environment: { [INSIDE]: directory }, isShown: true });
  const { code } = await inner.exited;
  return code ?? 1;
}

/** Names of network namespaces are files in /run, which may not be writable. */
function prepareNamespaces(): void {
  for (const command of ["mount -t tmpfs tmpfs /run", "ip link set lo up"]) {
    const [program = "", ...args] = command.split(" ");
    const { status } = spawnSync(program, args, { stdio: ["ignore", "ignore", "inherit"] });
    if (status !== 0) throw new Error(`${command}: ended with ${status}`);
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
// Exits despite sockets and timers of abandoned requests.
process.exit();
