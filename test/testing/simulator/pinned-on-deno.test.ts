import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { PATIENT_MS } from "./bun-script.ts";
import { HOW_TO_PIN, pinnedHashes } from "./pinned-seeds.ts";

const SEEDS = 20;

test(
  `${SEEDS} fixed seeds run on Deno as they were pinned`,
  async () => {
    const deno = fileURLToPath(new URL("../../../node_modules/.bin/deno", import.meta.url));
    const script = fileURLToPath(new URL("print-hashes.ts", import.meta.url));
    const { stdout } = await promisify(execFile)(deno, ["run", "--allow-all", script, `${SEEDS}`]);
    expect(stdout.trim().split("\n"), HOW_TO_PIN).toEqual(pinnedHashes().slice(0, SEEDS));
  },
  PATIENT_MS,
);
