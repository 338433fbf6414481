import { parentPort, workerData } from "node:worker_threads";
import {
  drawPlan,
  kvSubject,
  type ProfileName,
  profiles,
  run,
  shortKvSubject,
} from "../../src/testing/simulator/index.ts";
import type { TimedReport } from "./tally.ts";

/** Runs one assigned seed after another. */
const { profile, short } = workerData as { readonly profile: ProfileName; readonly short: boolean };
const subject = short ? shortKvSubject : kvSubject;

parentPort?.on("message", async (seed: number) => {
  const begin = performance.now();
  const report = await run(drawPlan(seed, profiles[profile], subject), subject);
  parentPort?.postMessage({ report, tookMs: performance.now() - begin } satisfies TimedReport);
});
