import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const bun = fileURLToPath(new URL("../../node_modules/.bin/bun", import.meta.url));

/**
 * The allocations of one process for each entry or read of 100 bytes, as counted by Bun without its garbage
 * collector. For one version of Bun the count hardly varies, and it does not depend on time.
 */
async function allocatedBytesPerEntry(
  measure: "cores" | "rafts" | "puts" | "gets",
  batch: number,
): Promise<number> {
  const { stdout } = await promisify(execFile)(
    bun,
    ["bench/core/main.ts", `${measure}-allocation`, "--batch", `${batch}`],
    { cwd: root, env: { ...process.env, BUN_JSC_useGC: "0" } },
  );
  return (JSON.parse(stdout) as { allocatedBytesPerEntry: number }).allocatedBytesPerEntry;
}

// A third above the counted value: finds a doubled one, and allows for another version of Bun.
const limits = [
  { what: "the cores alone", measure: "cores", batch: 1, bytes: 15_000 },
  { what: "the cores alone", measure: "cores", batch: 64, bytes: 1150 },
  { what: "replicas, with their messages encoded and decoded", measure: "rafts", batch: 1, bytes: 49_000 },
  { what: "replicas, with their messages encoded and decoded", measure: "rafts", batch: 64, bytes: 5700 },
  { what: "a put by the short way, and a replica alone", measure: "puts", batch: 1, bytes: 11_000 },
  { what: "a put by the short way, and a replica alone", measure: "puts", batch: 64, bytes: 3600 },
  { what: "a get by the short way, and a replica alone", measure: "gets", batch: 1, bytes: 3850 },
  { what: "a get by the short way, and a replica alone", measure: "gets", batch: 64, bytes: 1050 },
] as const;

test.each(limits)("$what allocate at most $bytes bytes each, $batch at a time", async (limit) => {
  expect(await allocatedBytesPerEntry(limit.measure, limit.batch)).toBeLessThanOrEqual(limit.bytes);
});
