import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isHere, runtimes } from "../../scripts/runtimes/matrix.ts";
import { freePorts, Workshop } from "./processes.ts";

let workshop: Workshop;
const mounts: string[] = [];
beforeEach(async () => {
  workshop = await Workshop.open();
});
afterEach(async () => {
  for (const directory of mounts.splice(0)) spawnSync("umount", [directory]);
  await workshop[Symbol.asyncDispose]();
});

function mountReadOnly(directory: string): boolean {
  mkdirSync(directory, { recursive: true });
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "ro", "tmpfs", directory]).status === 0;
  if (mounted) mounts.push(directory);
  return mounted;
}

const persisters = ["file", "bun-sqlite"] as const;
const combinations = runtimes
  .flatMap((runtime) => persisters.map((persister) => ({ runtime, persister })))
  .filter(({ runtime, persister }) => isHere(runtime, { transport: "http", persister }));

describe.each(combinations)("on $runtime with $persister a directory", ({ runtime, persister }) => {
  /** durio's message about an unusable directory. */
  async function refusalOf(directory: string): Promise<string> {
    const [port] = await freePorts(1);
    const flags = ["--data-dir", directory, "--persister", persister, "--listen", `127.0.0.1:${port}`];
    const durio = workshop.startWith({ runtime }, "serve", ...flags);
    expect((await durio.exited).code).toBe(1);
    const lines = durio.stderr.trim().split("\n");
    expect(lines.filter((line) => line.startsWith("durio: "))).toEqual(lines.slice(-1));
    expect(durio.stderr).not.toMatch(/check the device|damaged|^\s+at /m);
    return lines.at(-1) ?? "";
  }

  test("below /proc is refused, and the start fails", async () => {
    expect(await refusalOf("/proc/x")).toMatch(/\/proc\/x can't be .*choose another directory/);
    expect(await refusalOf("/proc/x/y")).toMatch(/\/proc\/x can't be .*choose another directory/);
  });

  test("on a file system that can only be read is refused, new or not", async (context) => {
    const parent = join(workshop.directory, "read-only");
    context.skip(!mountReadOnly(parent), "needs the right to mount");
    for (const directory of [join(parent, "n1"), parent]) {
      expect(await refusalOf(directory)).toMatch(/read-only.*choose another directory/i);
    }
  });

  test("is refused if there is a file with its name", async () => {
    expect(await refusalOf(fileURLToPath(import.meta.url))).toMatch(/choose another directory/);
  });
});
