import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { env } from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { memoryDirectory } from "../memory-directory.ts";
import type { FlipTask, FlipVerdict } from "./flips.ts";

const repository = fileURLToPath(new URL("../../..", import.meta.url));

/** FLIPS=1 flips every bit there is, which takes an hour; FLIPS=n every n-th. */
const sampled = env.FLIPS === undefined ? undefined : Number(env.FLIPS);
/** About as many flips for each: a database with small pages is smaller. */
const tasks: readonly FlipTask[] = [
  { pageBytes: 512, every: sampled ?? 997, headers: true, seed: 1 },
  { pageBytes: 4096, every: sampled ?? 4999, headers: sampled !== undefined, seed: 2 },
];

test.each(tasks)(
  "a flipped bit in a database of pages of $pageBytes bytes, in its write-ahead log after a crash or in its commit " +
    "file is refused or harmless (R2)",
  { timeout: sampled === undefined ? 60_000 : 20 * 3600_000 },
  async (task) => {
    const place = await mkdtemp(join(memoryDirectory, "ruaft-flips-"));
    try {
      const program = ["test/adapters/bun-sqlite/flips.ts", place, JSON.stringify(task)];
      const { stdout } = await promisify(execFile)("node_modules/.bin/bun", program, { cwd: repository });
      const verdict: FlipVerdict = JSON.parse(stdout);
      if (sampled !== undefined) console.log(JSON.stringify(verdict, undefined, 1));
      expect(Object.values(verdict).flatMap(({ wrong }) => wrong)).toEqual([]);
      expect(Object.keys(verdict)).toHaveLength(8);
      const flips = Object.values(verdict).reduce((sum, counts) => sum + counts.flips, 0);
      expect(flips).toBeGreaterThan(300);
    } finally {
      await rm(place, { recursive: true });
    }
  },
);
