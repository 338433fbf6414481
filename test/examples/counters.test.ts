import { expect, test } from "vitest";
import { PATIENT_MS, runScript } from "../testing/simulator/bun-script.ts";

const simulate = (...flags: readonly string[]) => runScript("examples/counters/simulate.ts", ...flags);

test(
  "the example's counters stand up to 20 seeds",
  async () => {
    const { code, output, errors } = await simulate();
    expect(errors).toBe("");
    expect(output).toBe("20 seeds, nothing found\n");
    expect(code).toBe(0);
  },
  PATIENT_MS,
);

test(
  "its planted bug, a snapshot of the live counters, is found and made smaller",
  async () => {
    const { code, output, errors } = await simulate("--bug");
    expect(errors).toBe("");
    expect(output).toMatch(
      /^seed \d+: P\d+, .*\nsmaller, after \d+ runs: \d replicas, \d+ operations,\n\d+ faults: /,
    );
    expect(code).toBe(1);
  },
  PATIENT_MS,
);
