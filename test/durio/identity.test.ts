import { cpSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Durio, eventually, freePorts, leaderOf, Plan, read, Workshop, write } from "./processes.ts";

let workshop: Workshop;

beforeEach(async () => {
  workshop = await Workshop.open();
});

afterEach(() => workshop[Symbol.asyncDispose]());

/** Starts a plan's replica on the data of its own or another cluster. */
function startReplica(plan: Plan, turn: number, cluster: string): Promise<Durio> {
  const data = join(workshop.directory, cluster, `n${turn + 1}`);
  return workshop.serve(plan.url(turn), ...plan.flags(turn), "--data-dir", data);
}

async function startCluster(plan: Plan, cluster: string): Promise<Durio[]> {
  const replicas = await Promise.all([0, 1, 2].map((turn) => startReplica(plan, turn, cluster)));
  await leaderOf(plan.urls);
  for (let turn = 0; turn < 20; turn++) {
    const key = `${cluster}${turn}`;
    await eventually(async () => (await write(plan.url(turn), "put", key, cluster)).status === 200);
  }
  return replicas;
}

interface Status {
  readonly clusterUid: string | null;
  readonly starts: number | null;
  readonly leader: string | null;
  readonly peers: readonly { readonly id: string; readonly refused: string | null }[];
}

async function statusOf(url: string): Promise<Status> {
  return (await fetch(`${url}/status`)).json() as Promise<Status>;
}

function get<T>(list: readonly T[], at: number): T {
  const one = list[at];
  if (one === undefined) throw new RangeError(`there is no ${at}`);
  return one;
}

test("two clusters of the default name don't mix after an address was used again (R10)", async () => {
  const ports = await freePorts(6);
  const [a, b] = [new Plan(ports.slice(0, 3)), new Plan(ports.slice(3))];
  const replicasOfA = await startCluster(a, "a");
  const replicasOfB = await startCluster(b, "b");
  const [uidOfA, uidOfB] = [await statusOf(a.url(0)), await statusOf(b.url(0))].map((one) => one.clusterUid);
  expect(uidOfA).toMatch(/^\w{4}-\w{4}$/);
  expect(uidOfA).not.toBe(uidOfB);

  // A's n3 starts in place of B's n3, and one of B's others is down: two of three run.
  await Promise.all(
    [get(replicasOfA, 2), get(replicasOfB, 2), get(replicasOfB, 0)].map((one) => one.kill("SIGKILL")),
  );
  const stray = await startReplica(b, 2, "a");
  const other = get(replicasOfB, 1);
  const sentence = new RegExp(`a replica named n3 .*another cluster of the same name: its uid is ${uidOfA}`);
  await eventually(() => sentence.test(other.stderr));
  await eventually(() =>
    /a replica named n2 .*belongs to another cluster of the same name/.test(stray.stderr),
  );
  expect((await statusOf(b.url(1))).peers.find(({ id }) => id === "n3")?.refused).toMatch(sentence);
  await eventually(async () => (await statusOf(b.url(1))).leader === null);
  expect((await write(b.url(1), "put", "mixed", "up")).status).toBe(503);

  // The addresses are corrected.
  await stray.kill("SIGKILL");
  await Promise.all([startReplica(a, 2, "a"), startReplica(b, 2, "b")]);
  for (const [plan, own, foreign] of [
    [a, "a", "b"],
    [b, "b", "a"],
  ] as const) {
    await eventually(async () => (await write(plan.url(2), "put", "end", own)).status === 200);
    for (let turn = 0; turn < 20; turn++) {
      expect(await read(plan.url(2), `${own}${turn}`)).toBe(own);
      expect(await read(plan.url(2), `${foreign}${turn}`)).toBe("");
    }
  }
}, 120_000);

test("a clone of a replica's data that runs beside the original is found, and stops for good (O18)", async () => {
  const [own = 0, ...ports] = await freePorts(4);
  const plan = new Plan(ports);
  const replicas = await startCluster(plan, "a");
  await get(replicas, 2).kill("SIGTERM");
  const [original, clone] = ["a", "clone"].map((cluster) => join(workshop.directory, cluster, "n3"));
  if (original === undefined || clone === undefined) throw new Error("two directories");
  cpSync(original, clone, { recursive: true, filter: (path) => !/\/lock[^/]*$/.test(path) });
  const second = await startReplica(plan, 2, "a");
  expect((await statusOf(plan.url(2))).starts).toBe(2);
  await eventually(async () => (await write(plan.url(2), "put", "key", "value")).status === 200);

  const flags = [...plan.flags(2), "--data-dir", clone, "--listen", `127.0.0.1:${own}`];
  const beside = workshop.start("serve", ...flags);
  expect((await beside.exited).code).not.toBe(0);
  expect(beside.stderr).toMatch(/another process named n3 on a copy of this data.*this one is start 2/);
  await eventually(() =>
    replicas.some(({ stderr }) => stderr.includes("n3 runs on an older or a second copy of its data")),
  );
  const again = workshop.start("serve", ...flags);
  expect((await again.exited).code).not.toBe(0);
  expect(again.stderr).toMatch(/is no longer used: .*remove .*outdated/);

  expect((await write(plan.url(2), "put", "key", "other")).status).toBe(200);
  expect((await second.kill("SIGTERM")).code).toBe(0);
}, 120_000);

test("a second process of a replica on empty data reports that the first one runs, not only that data was lost", async () => {
  const [own = 0, ...ports] = await freePorts(4);
  const plan = new Plan(ports);
  await startCluster(plan, "a");
  const flags = [...plan.flags(0), "--data-dir", join(workshop.directory, "second")];
  const second = workshop.start("serve", ...flags, "--listen", `127.0.0.1:${own}`);
  expect((await second.exited).code).toBe(1);
  expect(second.stderr).toContain("the storage of n1 is empty");
  expect(second.stderr).toContain("If another process runs as n1, this one was started by mistake");
  expect(second.stderr).toContain(`another process runs as n1: the one at ${plan.url(0)} has data`);
  expect((await write(plan.url(0), "put", "key", "value")).status).toBe(200);
}, 120_000);
