import { expect } from "vitest";
import { labTest } from "../lab/seeds.ts";
import { type KvCourse, kvCourse } from "./kv-course.ts";
import { KvLab } from "./kv-lab.ts";

const LOG_LIMIT_BYTES = 1000;

labTest("a replica that was cut off while the others compacted catches up by a snapshot", async (seed) => {
  const lab = await KvLab.start({ seed, clients: 1, replicas: 3, logLimitBytes: LOG_LIMIT_BYTES });
  const put = (key: string, value: string) =>
    lab.settled(lab.ask(0, { type: "put", key, value }), 20_000, `put of ${key}`);
  const first = lab.token("p");
  await put("a", first);
  lab.partition((replica) => replica === 2);
  for (let n = 0; n < 50; n++) await put(`${n % 5}`, lab.token("p"));
  await lab.elapse(1000);
  await put("b", lab.token("p"));
  await lab.until(() => lab.logBytes.every((bytes) => bytes <= 8 * LOG_LIMIT_BYTES), 2000, "the log is long");
  // The one that was cut off now decides, with one of the others.
  lab.partition((replica) => replica === 1);
  await put("c", lab.token("p"));
  const last = lab.token("p");
  await put("d", last);
  expect(await lab.settled(lab.value(0, "a"), 20_000)).toBe(first);
  lab.partition((replica) => replica === 0);
  expect(await lab.settled(lab.value(0, "d"), 20_000)).toBe(last);
  lab.assertLinearizable();
});

labTest("a snapshot of one key takes at most 500 bytes", async (seed) => {
  const lab = await KvLab.start({ seed, clients: 1, replicas: 3, logLimitBytes: LOG_LIMIT_BYTES });
  const puts = async () => {
    for (let n = 0; n < 200; n++) await lab.ask(0, { type: "put", key: "x", value: lab.token("p") });
  };
  await lab.settled(puts(), 60_000);
  await lab.elapse(500);
  for (const bytes of lab.bytesOf(".snapshot")) expect(bytes).toBeLessThanOrEqual(500);
  expect(Math.max(...lab.bytesOf(".snapshot"))).toBeGreaterThan(0);
});

const courses: readonly (readonly [name: string, course: KvCourse])[] = [
  ["one client, restarts", { clients: 1, replicas: 5, crashes: true }],
  ["20 clients, restarts", { clients: 20, replicas: 5, crashes: true }],
  ["five clients on an unreliable network", { clients: 5, replicas: 5, network: "unreliable" }],
  ["restarts on an unreliable network", { clients: 5, replicas: 5, crashes: true, network: "unreliable" }],
  [
    "restarts and partitions on an unreliable network",
    { clients: 5, replicas: 5, crashes: true, partitions: true, network: "unreliable" },
  ],
  [
    "15 clients on the same keys of 7 replicas, with restarts and partitions on an unreliable network",
    { clients: 15, replicas: 7, crashes: true, partitions: true, network: "unreliable", sharedKeys: true },
  ],
];

for (const [name, course] of courses) {
  labTest(`with snapshots every append is there once, in order, and the log stays short: ${name}`, (seed) =>
    kvCourse(seed, { ...course, logLimitBytes: LOG_LIMIT_BYTES }),
  );
}
