import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const program = join(root, "test/adapters/file/sync-threads-process.ts");
const hasStrace = spawnSync("strace", ["--version"]).status === 0;
let directory = "";

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "ruaft-"));
});

afterEach(() => rm(directory, { recursive: true }));

const runtimes = [
  ["Bun", [join(root, "node_modules/.bin/bun")]],
  ["Deno", [join(root, "node_modules/.bin/deno"), "run", "--allow-all"]],
] as const;

/** Returns for each of the 40 syncs whether the main thread, which runs the event loop, waited for it. */
async function onLoop(command: readonly string[], bytes: number, delayMs: number): Promise<boolean[]> {
  const trace = join(directory, "trace");
  const inject = ["-e", "trace=fdatasync", "-e", `inject=fdatasync:delay_exit=${delayMs * 1000}`];
  const file = join(directory, "file");
  const args = ["-f", "-qq", ...inject, "-o", trace, ...command, program, file, String(bytes)];
  const { stdout, stderr } = spawnSync("strace", args, { cwd: root });
  const [writes, mainThread] = stdout.toString().trim().split(" ");
  expect(writes, stderr.toString()).toBe("40");
  const lines = (await readFile(trace, "utf8")).split("\n");
  const syncs = lines.filter((line) => /^\d+ +fdatasync/.test(line));
  return syncs.map((line) => line.split(" ")[0] === mainThread);
}

const threads = (count: number) => Array.from({ length: count }, () => false);

describe.skipIf(!hasStrace)(`syncs by thread${hasStrace ? "" : ": needs strace"}`, () => {
  test.each(runtimes)(
    "on %s the event loop waits for one slow sync, and for no second one",
    async (_, command) => {
      expect(await onLoop(command, 100, 5)).toEqual([true, ...threads(39)]);
    },
  );

  test.each(runtimes)("on %s the event loop never waits for a large write", async (_, command) => {
    expect(await onLoop(command, 100_000, 0)).toEqual(threads(40));
  });
});
