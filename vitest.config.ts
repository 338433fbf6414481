import { defineConfig, type ViteUserConfig } from "vitest/config";
import { LongestFirst } from "./test/longest-first.ts";

/** Tests of single parts: they start few processes, and each file takes a few seconds at most. `npm run test:quick`. */
const unit = [
  "test/adapters/{file,seal,shared}/**/*.test.ts",
  "test/{bench,docs,kv,kvraft,raft,replica,rpc,runtime,service,tidy,transports}/**/!(allocations|hostile-bytes|hostile-frames|many-clerks|slow-commits).test.ts",
  "test/durio/secret/*.test.ts",
  "test/testing/{abstract-raft,linearizability}/**/*.test.ts",
  "test/!(package).test.ts",
];

const common = {
  // Real processes share two cores with everything else: a generous bound that only a hang can reach.
  testTimeout: 60_000,
  hookTimeout: 60_000,
};

const config: ViteUserConfig = defineConfig({
  test: {
    globalSetup: ["test/run-guard/global-setup.ts"],
    // A third one fills the pauses of tests that wait for real processes.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    projects: [
      // Many files in one process: half of the time of short tests is that of starting one.
      { test: { ...common, name: "unit", include: unit, isolate: false } },
      { test: { ...common, name: "whole", include: ["test/**/*.test.ts"], exclude: unit } },
    ],
  },
});
export default config;
