import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { NatsServer } from "../../bench/systems/nats-server.ts";
import {
  type Combination,
  combinations,
  isHere,
  matrixTable,
  runtimes,
} from "../../scripts/runtimes/matrix.ts";
import type { RuntimeName } from "../../src/runtime/index.ts";
import { type Durio, freePorts, leaderOf, Plan, read, Workshop, write } from "../durio/processes.ts";

let nats: NatsServer;
beforeAll(async () => {
  const [port = 0] = await freePorts(1);
  nats = new NatsServer(port);
  await nats.start();
});
afterAll(() => nats[Symbol.asyncDispose]());

/** The results here, by runtime, transport and persister. */
const held = new Set<string>();
const nameOf = (runtime: RuntimeName, { transport, persister }: Combination) =>
  `on ${runtime}, with ${transport} and ${persister}`;
afterAll(() => console.log(matrixTable((...where) => (held.has(nameOf(...where)) ? "held" : "not tried"))));

let workshop: Workshop;
let plan: Plan;
beforeEach(async () => {
  workshop = await Workshop.open();
  plan = new Plan(await freePorts(3));
});
afterEach(() => workshop[Symbol.asyncDispose]());

/** Writes on each replica, kills the leader, reads, starts it again, and reads there: on one runtime for each replica. */
async function smoke(
  runtimeOf: readonly [RuntimeName, RuntimeName, RuntimeName],
  { transport, persister }: Combination,
): Promise<void> {
  // The prefix separates clusters that share a NATS server.
  const flags = ["--transport", transport, "--persister", persister];
  const through = ["--nats-url", nats.url, "--nats-prefix", `tests.${new URL(plan.url(0)).port}`];
  const start = (turn: number): Promise<Durio> =>
    workshop.serveWith(
      { runtime: runtimeOf[turn] ?? "bun" },
      plan.url(turn),
      ...plan.flags(turn),
      ...flags,
      ...through,
    );
  const replicas = await Promise.all([0, 1, 2].map(start));
  for (const [turn, url] of plan.urls.entries()) {
    expect((await write(url, "append", "k", `${turn}`)).status).toBe(200);
  }
  const leader = await leaderOf(plan.urls);
  await replicas[leader]?.kill("SIGKILL");
  for (const step of [1, 2]) expect(await read(plan.url(leader + step), "k")).toBe("012");
  expect((await write(plan.url(leader + 1), "append", "k", "!")).status).toBe(200);
  await start(leader);
  expect(await read(plan.url(leader), "k")).toBe("012!");
}

describe("three replicas serve, lose their leader and get it back", () => {
  for (const runtime of runtimes) {
    for (const combination of combinations.filter((one) => isHere(runtime, one))) {
      const name = nameOf(runtime, combination);
      test(name, async () => {
        await smoke([runtime, runtime, runtime], combination);
        held.add(name);
      });
    }
  }

  test.each(["http", "nats"] as const)(
    "one each on Bun, Node and Deno, with %s and file",
    async (transport) => {
      await smoke(["bun", "node", "deno"], { transport, persister: "file" });
    },
  );
});

test.skipIf(isHere("node", { transport: "http", persister: "bun-sqlite" }))(
  "a Node without SQLite says so",
  async () => {
    const durio = workshop.startWith({ runtime: "node" }, "--persister", "bun-sqlite");
    expect((await durio.exited).code).toBe(1);
    expect(durio.stderr).toMatch(/^durio: .*SQLite/);
  },
);

test("the README has the table of supported combinations", async () => {
  const readme = await readFile(fileURLToPath(new URL("../../README.md", import.meta.url)), "utf8");
  expect(readme).toContain(matrixTable());
});
