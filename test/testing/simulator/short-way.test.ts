import { expect, test } from "vitest";
import { PATIENT_MS, runScript } from "./bun-script.ts";

test(
  "40 fresh seeds whose clients in replicas take the short way break nothing",
  async () => {
    const args = ["--short", "--seeds", "40", "--profile", "quick", "--json"];
    const { code, output, errors } = await runScript("scripts/sim/main.ts", ...args);
    expect([0, 1], errors).toContain(code);
    const { violations } = JSON.parse(output.trim().split("\n").at(-1) ?? "");
    expect(violations).toEqual([]);
  },
  PATIENT_MS,
);
