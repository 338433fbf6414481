import { describe, expect } from "vitest";
import { ELECTION_TIMEOUT_MS } from "../lab/cluster.ts";
import { runCourse } from "../lab/kv-course.ts";
import { type KvLab, kvLab } from "../lab/kv-lab.ts";
import { labTest } from "../lab/seeds.ts";
import { atMost } from "../lab/thresholds.ts";

const logLimitBytes = 1000;
const network = "unreliable";
const crashes = true;
const partitions = true;

/** Small log files, so that they can be removed. No entries before a snapshot stay in memory. */
function options(seed: number, clients: number) {
  return { seed, clients, replicas: 3, logLimitBytes, segmentBytes: 512, tuning: { retainedLogBytes: 0 } };
}

function checkLog(lab: KvLab): void {
  atMost("bytes of a log whose limit is 1,000", lab.longestLogBytes, 8 * logLimitBytes);
}

describe("snapshots of the store", () => {
  labTest(
    "bring a replica up to date that missed 51 puts, and the log stays within eight times its limit",
    (seed) =>
      kvLab(options(seed, 2), async (lab) => {
        const [everywhere, parted] = [0, 1];
        const written = new Map<string, string>();
        const put = async (client: number, key: string) => {
          const value = lab.value("put");
          await lab.put(client, key, value);
          written.set(key, value);
        };
        const check = async (client: number, ...keys: string[]) => {
          for (const key of keys) expect(await lab.get(client, key)).toBe(written.get(key));
        };
        await put(everywhere, "a");
        await check(everywhere, "a");

        // The client and a majority continue without the third.
        const [first, second, third] = [0, 1, 2];
        const without = (replica: number) =>
          lab.part(
            (n) => (n === replica ? 1 : 0),
            (client) => (client === parted ? 0 : undefined),
          );
        without(third);
        for (let n = 0; n < 50; n++) await put(parted, `${n}`);
        await lab.time.sleep(ELECTION_TIMEOUT_MS);
        await put(parted, "b");
        checkLog(lab);

        // Now a majority needs the one that was left behind.
        without(second);
        await put(parted, "c");
        await put(parted, "d");
        await check(parted, "a", "b", "1", "49");
        expect(
          lab.requests.get("installSnapshot") ?? 0,
          "chunks of snapshots that were sent",
        ).toBeGreaterThan(0);

        without(first);
        await put(parted, "e");
        await check(parted, "c", "e", "1");
        lab.heal();
        await check(everywhere, "a", "b", "c", "d", "e", "49");
      }),
  );

  labTest(
    "are no larger than 500 bytes for one key, and the log stays within eight times its limit",
    (seed) =>
      kvLab(options(seed, 1), async (lab) => {
        for (let n = 0; n < 200; n++) {
          for (const value of [lab.value("put"), lab.value("put")]) {
            await lab.put(0, "x", value);
            expect(await lab.get(0, "x")).toBe(value);
          }
        }
        checkLog(lab);
        expect(lab.largestSnapshotBytes).toBeGreaterThan(0);
        atMost("bytes of a snapshot with one key", lab.largestSnapshotBytes, 500);
      }),
  );

  labTest("are what five replicas begin with after a crash, for one client", (seed) =>
    runCourse(seed, { clients: 1, replicas: 5, crashes, logLimitBytes }),
  );

  labTest("are what five replicas begin with after a crash, for 20 clients", (seed) =>
    runCourse(seed, { clients: 20, replicas: 5, crashes, logLimitBytes }),
  );

  labTest("are taken and sent over an unreliable network", (seed) =>
    runCourse(seed, { clients: 5, replicas: 5, network, logLimitBytes }),
  );

  labTest("are taken and sent over an unreliable network, and found after a crash", (seed) =>
    runCourse(seed, { clients: 5, replicas: 5, network, crashes, logLimitBytes }),
  );

  labTest(
    "are taken and sent by parted replicas over an unreliable network, and found after a crash",
    (seed) => runCourse(seed, { clients: 5, replicas: 5, network, crashes, partitions, logLimitBytes }),
  );

  labTest("leave all linearizable for 15 clients on 7 parted replicas with keys in common", (seed) =>
    runCourse(seed, {
      clients: 15,
      replicas: 7,
      network,
      crashes,
      partitions,
      logLimitBytes,
      randomKeys: true,
    }),
  );
});
