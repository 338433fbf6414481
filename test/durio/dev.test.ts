import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Durio, eventually, freePorts, isFree, Plan, read, Workshop, write } from "./processes.ts";

let workshop: Workshop;
let ports: number[];
let plan: Plan;
beforeEach(async () => {
  workshop = await Workshop.open();
  ports = await freePorts(3);
  plan = new Plan(ports);
});
afterEach(() => workshop[Symbol.asyncDispose]());

/** Starts a cluster and waits until it prints the commands to try. */
async function startDev(...flags: string[]): Promise<Durio> {
  const dev = workshop.start("dev", "--port", `${ports[0]}`, ...flags);
  await dev.until(() => dev.stdout.includes("Ctrl-C"));
  return dev;
}

/** As printed by the cluster when it was ready. */
function pidOf(id: string, { stdout }: Durio): number {
  return Number(new RegExp(`^  ${id}  .* pid (\\d+)`, "m").exec(stdout)?.[1]);
}

describe("dev", () => {
  test("prints the URLs, the leader and what to type, and marks each line of a replica with its name", async () => {
    const { stdout } = await startDev();
    for (const [turn, url] of plan.urls.entries()) {
      expect(stdout).toMatch(new RegExp(`^  n${turn + 1}  ${url}  pid \\d+(  leads)?$`, "m"));
      expect(stdout).toMatch(new RegExp(`^n${turn + 1} \\| .* started n${turn + 1} `, "m"));
    }
    expect(stdout.match(/ {2}leads$/gm)).toHaveLength(1);
    expect(stdout.match(/^ {2}curl /gm)).toHaveLength(5);
    expect((await write(plan.url(0), "put", "k", "v")).status).toBe(200);
    expect(await read(plan.url(1), "k")).toBe("v");
  });

  test("ends all replicas on Ctrl-C, with code 0, and keeps their data", async () => {
    const dev = await startDev();
    expect((await write(plan.url(0), "put", "k", "v")).status).toBe(200);
    dev.signalGroup("SIGINT");
    expect(await dev.exited).toEqual({ code: 0, signal: null });
    expect(dev.signalGroup(0)).toBe(false);
    expect(dev.stdout.match(/^n\d \| .* stopped$/gm)).toHaveLength(3);

    await startDev();
    expect(await read(plan.url(2), "k")).toBe("v");
  });

  test("ends all replicas if only it gets SIGTERM", async () => {
    const dev = await startDev("--persister", "memory");
    expect(await dev.kill("SIGTERM")).toEqual({ code: 0, signal: null });
    expect(dev.signalGroup(0)).toBe(false);
  });

  test("leaves no replica behind when it is killed", async () => {
    const dev = await startDev("--persister", "memory");
    await dev.kill("SIGKILL");
    for (const port of ports) await eventually(() => isFree(port));
  });

  test("says which replica died, continues without it, and restarts it when its name is typed", async () => {
    const dev = await startDev();
    process.kill(pidOf("n2", dev), "SIGKILL");
    await eventually(() => dev.stdout.includes("n2 | ended by SIGKILL; type n2 and Enter"));
    expect((await write(plan.url(0), "put", "k", "v")).status).toBe(200);
    dev.type("n2");
    await eventually(async () => (await read(plan.url(1), "k")) === "v");
  });

  test("says which replica could not start, stops the others and ends with code 1", async () => {
    const other = await workshop.serve(
      plan.url(1),
      "--listen",
      `127.0.0.1:${ports[1]}`,
      "--data-dir",
      "other",
    );
    const dev = workshop.start("dev", "--port", `${ports[0]}`);
    expect(await dev.exited).toEqual({ code: 1, signal: null });
    expect(dev.stdout).toContain(`n2 | durio: port ${ports[1]} of 127.0.0.1 is in use`);
    expect(dev.stderr).toContain("n2 could not start");
    expect(dev.signalGroup(0)).toBe(false);
    expect((await other.kill("SIGTERM")).code).toBe(0);
  });
});
