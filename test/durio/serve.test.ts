import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Durio, eventually, freePorts, leaderOf, Plan, read, Workshop, write } from "./processes.ts";

let workshop: Workshop;
let plan: Plan;
beforeEach(async () => {
  workshop = await Workshop.open();
  plan = new Plan(await freePorts(3));
});
afterEach(() => workshop[Symbol.asyncDispose]());

function startReplica(turn: number, ...flags: string[]): Promise<Durio> {
  return workshop.serve(plan.url(turn), ...plan.flags(turn), ...flags);
}

function startAll(...flags: string[]): Promise<Durio[]> {
  return Promise.all([0, 1, 2].map((turn) => startReplica(turn, ...flags)));
}

describe("three replicas", () => {
  test("answer the six requests, each sent to another one", async () => {
    await startAll();
    expect(await (await write(plan.url(0), "put", "k", "Hello ")).text()).toBe("OK");
    expect(await (await fetch(`${plan.url(1)}/kvstore/get/k`)).text()).toBe("k!0!Hello ");
    expect(await (await write(plan.url(2), "append", "k", "World!")).text()).toBe("OK");
    expect(await (await fetch(`${plan.url(0)}/kvstore/get/k`)).text()).toBe("k!0!Hello World!");
    expect(await (await write(plan.url(1), "put", "k", "Bye")).text()).toBe("OK");
    expect(await (await fetch(`${plan.url(2)}/kvstore/get/k`)).text()).toBe("k!0!Bye");
  });

  test("continue after their leader was killed, and lose nothing", async () => {
    const replicas = await startAll();
    expect((await write(plan.url(0), "put", "k", "a")).status).toBe(200);
    const leader = await leaderOf(plan.urls);
    await replicas[leader]?.kill("SIGKILL");
    expect((await write(plan.url(leader + 1), "append", "k", "b")).status).toBe(200);
    expect(await read(plan.url(leader + 2), "k")).toBe("ab");

    await startReplica(leader);
    expect(await read(plan.url(leader), "k")).toBe("ab");
  });

  test.each(["file", "bun-sqlite"])(
    "keep what they acknowledged in %s when all of them are killed",
    async (persister) => {
      const flags = ["--persister", persister];
      const replicas = await startAll(...flags);
      for (const value of ["a", "b", "c"]) {
        expect((await write(plan.url(0), "append", "k", value)).status).toBe(200);
      }
      await Promise.all(replicas.map((replica) => replica.kill("SIGKILL")));
      await startAll(...flags);
      expect(await read(plan.url(1), "k")).toBe("abc");
    },
  );
});

test("one replica of three answers 503 when a request times out, and serves again with a second", async () => {
  const replicas = await startAll("--request-timeout-ms", "1000");
  expect((await write(plan.url(0), "put", "k", "v")).status).toBe(200);
  await Promise.all(replicas.slice(1).map((replica) => replica.kill("SIGKILL")));
  await eventually(async () => (await (await fetch(`${plan.url(0)}/status`)).json()).leader === null);
  const read503 = await fetch(`${plan.url(0)}/kvstore/get/k`);
  expect([read503.status, (await read503.json()).outcome]).toEqual([503, "none"]);
  const write503 = await write(plan.url(0), "put", "k", "w");
  expect([write503.status, (await write503.json()).retryable]).toEqual([503, true]);
  expect((await fetch(`${plan.url(0)}/readyz`)).status).toBe(503);

  await startReplica(1);
  await eventually(async () => (await write(plan.url(0), "append", "k", "!")).ok);
  expect(await read(plan.url(1), "k")).toMatch(/^[vw]!+$/);
  await eventually(async () => (await fetch(`${plan.url(0)}/readyz`)).ok);
});

test("a replica that fails while it runs ends with code 1, and logs why", async () => {
  const replicas = await startAll();
  const leader = await leaderOf(plan.urls);
  const counted = await eventually(async () => {
    const { peers } = await (await fetch(`${plan.url(leader)}/status`)).json();
    return peers.find(({ matchIndex }: { matchIndex: number }) => matchIndex > 0)?.id;
  });
  const turn = Number(counted.slice(1)) - 1;
  await replicas[turn]?.kill("SIGKILL");
  // The leader has counted its acknowledgements, so the replica may not take part without its data.
  await rm(join(workshop.directory, ".durio", counted), { recursive: true });
  const blank = workshop.start(...plan.flags(turn));
  expect(await blank.exited).toEqual({ code: 1, signal: null });
  expect(blank.stderr).toContain("stopped: ");
});

describe("a signal", () => {
  test.each(["SIGTERM", "SIGINT"] as const)(
    "%s shuts down gracefully: code 0, and nothing acknowledged is lost",
    async (signal) => {
      plan = new Plan(plan.urls.slice(0, 1).map((url) => Number(new URL(url).port)));
      const replica = await startReplica(0);
      expect((await write(plan.url(0), "put", "before", "v")).status).toBe(200);

      const writes = Array.from({ length: 100 }, (_, turn) => write(plan.url(0), "put", `k${turn}`, "v"));
      const stopped = replica.kill(signal);
      const settled = await Promise.allSettled(writes);
      const acknowledged = settled.flatMap((result, turn) =>
        result.status === "fulfilled" && result.value.ok ? [`k${turn}`] : [],
      );
      expect(await stopped).toEqual({ code: 0, signal: null });
      expect(replica.signalGroup(0)).toBe(false);
      expect(replica.stderr).toContain("stopped");

      await startReplica(0);
      for (const key of ["before", ...acknowledged]) expect(await read(plan.url(0), key)).toBe("v");
    },
  );
});

describe("the log at its default level", () => {
  test("has a line each for the start, the leader and the stop", async () => {
    plan = new Plan(plan.urls.slice(0, 1).map((url) => Number(new URL(url).port)));
    const replica = await startReplica(0);
    await leaderOf(plan.urls);
    // The last line of a birth: until the first configuration is committed, a stop leaves it out.
    await eventually(() => replica.stderr.includes("belongs to the cluster"));
    await replica.kill("SIGTERM");
    const [started, leads, born, stopped, ...more] = replica.stderr.trim().split("\n");
    expect(started).toContain(
      `started n1 of cluster durio at ${plan.url(0)}, voters n1, data in ./.durio/n1`,
    );
    expect(leads).toContain("leads in term 1");
    expect(born).toMatch(/n1 belongs to the cluster of uid \S+$/);
    expect(stopped).toContain("stopped");
    expect(more).toEqual([]);
  });

  test("is one JSON object a line with --log-format json", async () => {
    const replica = await startReplica(0, "--log-format", "json");
    await replica.kill("SIGTERM");
    const lines = replica.stderr
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const started = lines.find(({ message }) => message.startsWith("started"));
    expect(started).toMatchObject({ level: "INFO", id: "n1", clusterId: "durio", url: plan.url(0) });
  });
});
