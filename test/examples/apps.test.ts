import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { NatsServer } from "../../bench/systems/nats-server.ts";
import { eventually, freePorts } from "../durio/processes.ts";
import { Package, type Step, stepsOf, Walkthrough } from "./walkthrough.ts";

let packed: Package;
beforeAll(async () => {
  packed = await Package.pack();
});
afterAll(() => packed[Symbol.asyncDispose]());

const answersOf = (steps: readonly Step[]) => steps.map(({ answer }) => answer);

describe("in a copy outside of the repository, with the package as it is published, and by its README", () => {
  /** Starts an example's processes and tries them, then again without one of them, which then restarts. */
  async function goThrough(walk: Walkthrough, start: readonly Step[], tries: readonly Step[]): Promise<void> {
    const processes = start.map((step) => walk.start(step));
    await Promise.all(processes.map((one) => one.says(" leads in term ")));
    expect(await walk.follow(tries)).toEqual(answersOf(tries));

    const [first, ...others] = processes;
    const [again] = start;
    if (first === undefined || again === undefined) throw new Error("nothing to start");
    await first.end("SIGKILL");
    // Until its loss is detected, the others redirect curl to a port where nothing listens.
    expect(await eventually(() => walk.follow(tries.slice(-1)))).toEqual(answersOf(tries.slice(-1)));
    const restarted = walk.start(again);
    await restarted.says(" leads in term ");
    for (const one of [restarted, ...others]) expect(await one.end("SIGINT")).toBe(0);
  }

  test.each(["node-counter", "deno-counter", "bun-guestbook"])(
    "%s works, continues without one of its processes, and recovers with it",
    async (example) => {
      const [install = [], start = [], tries = []] = await stepsOf(example);
      await using walk = await Walkthrough.open(example, packed);
      await walk.follow(install);
      await goThrough(walk, start, tries);
    },
  );

  test("forwarding-counter does so too, over HTTP and over NATS", async () => {
    const [install = [], overHttp = [], tries = [], overNats = []] = await stepsOf("forwarding-counter");
    const [port = 0] = await freePorts(1);
    await using server = new NatsServer(port);
    await server.start();
    const start = overNats.map(({ command, answer }) => {
      return { command: command.replace("nats://127.0.0.1:4222", server.url), answer };
    });
    expect(start.every(({ command }) => command.includes(server.url))).toBe(true);
    await using walk = await Walkthrough.open("forwarding-counter", packed);
    await walk.follow(install);
    await goThrough(walk, overHttp, tries);
    await walk.removeData();
    await goThrough(walk, start, tries);
  });

  test("in-process works", async () => {
    const [install = [], tries = []] = await stepsOf("in-process");
    await using walk = await Walkthrough.open("in-process", packed);
    await walk.follow(install);
    expect(await walk.follow(tries)).toEqual(answersOf(tries));
  });
});

test("the first code of the README is the example in one process", async () => {
  const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
  const readme = await readFile(path("README.md"), "utf8");
  const example = await readFile(path("examples/in-process/index.mjs"), "utf8");
  expect(/^```js\n([\s\S]*?)^```$/m.exec(readme)?.[1]).toBe(example);
});
