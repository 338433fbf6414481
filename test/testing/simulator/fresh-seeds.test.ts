import { expect, test } from "vitest";
import { PATIENT_MS, runScript } from "./bun-script.ts";

const SEEDS = process.env.SIM_SEEDS ?? "400";

test(
  `${SEEDS} fresh seeds break nothing`,
  async () => {
    const { code, output, errors } = await runScript(
      "scripts/sim/main.ts",
      "--seeds",
      SEEDS,
      "--profile",
      "quick",
      "--json",
    );
    expect([0, 1], errors).toContain(code);
    const { from, seeds, violations, eventsPerSecondPerCore } = JSON.parse(
      output.trim().split("\n").at(-1) ?? "",
    );
    console.log(`seeds ${from} to ${from + seeds - 1}: ${eventsPerSecondPerCore} events/s per core`);
    expect(violations).toEqual([]);
  },
  PATIENT_MS,
);
