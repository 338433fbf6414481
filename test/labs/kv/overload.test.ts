import { describe, expect } from "vitest";
import type { DiskClass } from "../../../src/testing/simulator/index.ts";
import { type KvLab, kvLab } from "../lab/kv-lab.ts";
import { labTest } from "../lab/seeds.ts";

const CLERKS = 30;
const VALUE_BYTES = 32 * 1024;
const TIMEOUT_MS = 5000;
const SECONDS = 12;

/** A card that takes 1 MB a second. */
const disk: DiskClass = {
  writeUs: [5, 30],
  syncUs: [2000, 8000],
  slowPermille: 0,
  slowUs: 0,
  bytesPerSecond: 1_000_000,
};
/** Each value is written twice: first the segment is filled with blank space, then comes the record. */
const BEARABLE_PER_SECOND = 1_000_000 / (2 * VALUE_BYTES);

/** Sends requests without waiting for earlier replies. @returns the number of replies per second */
async function answeredAt(lab: KvLab, perSecond: number): Promise<number> {
  const { workload } = lab.world;
  const beginMs = lab.time.now;
  const before = workload.counts.done;
  for (let n = 0; n < perSecond * SECONDS; n++) {
    const dueMs = beginMs + (n * 1000) / perSecond;
    if (dueMs > lab.time.now) await lab.time.sleep(dueMs - lab.time.now);
    const value = lab.value("put").padEnd(VALUE_BYTES, ".");
    const input = { type: "put", key: `key ${n % 100}`, value } as const;
    const planned = { client: n % CLERKS, input, timeoutMs: TIMEOUT_MS, abandonAfterMs: 0 };
    void workload.ask(planned, { alive: true, pausedUntilUs: 0 });
  }
  const answered = (workload.counts.done - before) / SECONDS;
  await lab.time.until("all ended", 4 * TIMEOUT_MS, () => workload.open === 0);
  return answered;
}

describe("under more load than the disks can handle, at least half of their capacity succeeds", () => {
  const homes = Array.from({ length: CLERKS }, (_, client) => client % 3);
  for (const times of [1, 2, 4]) {
    labTest(`of ${times} times what they bear`, (seed) =>
      kvLab({ seed, replicas: 3, clients: CLERKS, homes, disk }, async (lab) => {
        await lab.leader();
        const answered = await answeredAt(lab, BEARABLE_PER_SECOND * times);
        expect(answered).toBeGreaterThanOrEqual(BEARABLE_PER_SECOND / 2);
      }),
    );
  }
});
