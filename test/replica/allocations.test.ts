import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const bun = fileURLToPath(new URL("../../node_modules/.bin/bun", import.meta.url));

/**
 * The allocations of three replicas in one process for each entry of 100 bytes, as counted by Bun without its garbage
 * collector. For one version of Bun the count hardly varies, and it does not depend on time.
 */
async function allocatedBytesPerEntry(measure: "cores" | "rafts", batch: number): Promise<number> {
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
  { what: "replicas, with their messages encoded and decoded", measure: "rafts", batch: 1, bytes: 67_000 },
  { what: "replicas, with their messages encoded and decoded", measure: "rafts", batch: 64, bytes: 6000 },
] as const;

test.each(limits)("$what allocate at most $bytes bytes for an entry, $batch at a time", async (limit) => {
  expect(await allocatedBytesPerEntry(limit.measure, limit.batch)).toBeLessThanOrEqual(limit.bytes);
});
