import { defineConfig, type ViteUserConfig } from "vitest/config";
import { LongestFirst } from "./test/longest-first.ts";

const config: ViteUserConfig = defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/run-guard/global-setup.ts"],
    // Real processes share two cores with everything else: a generous bound that only a hang can reach.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    // Of the tests that say so themselves, for each waits for a process of its own.
    maxConcurrency: 2,
  },
});
export default config;
