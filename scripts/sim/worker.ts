import { parentPort, workerData } from "node:worker_threads";
import { drawPlan, kvSubject, type ProfileName, profiles, run } from "../../src/testing/simulator/index.ts";
import type { TimedReport } from "./tally.ts";

/** Runs one assigned seed after another. */
const { profile } = workerData as { readonly profile: ProfileName };

parentPort?.on("message", async (seed: number) => {
  const begin = performance.now();
  const report = await run(drawPlan(seed, profiles[profile], kvSubject), kvSubject);
  parentPort?.postMessage({ report, tookMs: performance.now() - begin } satisfies TimedReport);
});
