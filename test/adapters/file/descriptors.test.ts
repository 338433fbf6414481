import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const program = join(root, "test/adapters/file/descriptors-process.ts");
let directory = "";

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "ruaft-"));
});

afterEach(() => rm(directory, { recursive: true }));

test.each([
  ["Bun", [join(root, "node_modules/.bin/bun")]],
  ["Deno", [join(root, "node_modules/.bin/deno"), "run", "--allow-all"]],
])("on %s storage continues after other code has used up the file descriptors", (_, command) => {
  const script = `ulimit -n 96 && exec "$@"`;
  const { stdout, stderr } = spawnSync("sh", ["-c", script, "sh", ...command, program, directory]);
  expect(stdout.toString() || stderr.toString()).toBe("true 100000 20\n");
});
