import { existsSync } from "node:fs";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Durio, eventually, freePorts, leaderOf, Plan, Workshop, write } from "../durio/processes.ts";

const old = "the secret that the cluster begins with";
const runtimes = ["bun", "node", "deno"] as const;

let workshop: Workshop;
let plan: Plan;
beforeEach(async () => {
  workshop = await Workshop.open();
  plan = new Plan(await freePorts(3));
});
afterEach(() => workshop[Symbol.asyncDispose]());

function secretFile(turn: number): string {
  return join(workshop.directory, `n${turn + 1}`, "secret");
}

async function secretOf(turn: number): Promise<string> {
  return (await readFile(secretFile(turn), "utf8")).trim();
}

function startReplica(turn: number): Promise<Durio> {
  const runtime = runtimes[turn] ?? "bun";
  const flags = ["--secret-file", secretFile(turn), "--anonymous", "write"];
  return workshop.serveWith({ runtime }, plan.url(turn), ...plan.flags(turn), ...flags);
}

async function startAll(): Promise<Durio[]> {
  for (const turn of [0, 1, 2]) {
    await mkdir(join(workshop.directory, `n${turn + 1}`));
    await writeFile(secretFile(turn), `${old}\n`, { mode: 0o600 });
  }
  const replicas = await Promise.all([0, 1, 2].map(startReplica));
  await leaderOf(plan.urls);
  return replicas;
}

/** The command, with the token that the first leader wrote. */
async function rotate(): Promise<Durio> {
  const files = ["n1", "n2", "n3"].map((id) => join(workshop.directory, ".durio", id, "admin-token"));
  const DURIO_TOKEN_FILE = await eventually(() => files.find((file) => existsSync(file)));
  return workshop.startWith({ environment: { DURIO_TOKEN_FILE } }, "secret", "rotate", "--url", plan.url(0));
}

test("a secret is changed under load: no request is refused, and every file has the new one alone", async () => {
  await startAll();
  let ended = false;
  const statuses: number[] = [];
  const load = (async () => {
    while (!ended) statuses.push((await write(plan.url(statuses.length), "put", "key", "value")).status);
  })();
  const command = await rotate();
  const exit = await command.exited;
  ended = true;
  await load;
  expect({ ...exit, stderr: command.stderr }).toMatchObject({ code: 0 });
  expect(command.stderr).toContain("every replica has the new secret");
  expect(new Set(statuses)).toEqual(new Set([200]));
  const secrets = await Promise.all([0, 1, 2].map(secretOf));
  expect(new Set(secrets).size).toBe(1);
  expect(secrets[0]).toMatch(/^durio_secret_[\w-]{43}$/);
  expect((await stat(secretFile(0))).mode & 0o777).toBe(0o600);
  expect(command.stdout + command.stderr).not.toContain(secrets[0]);
  expect((await write(plan.url(1), "put", "key", "after")).status).toBe(200);
});

test("a replica that is down when the change begins is waited for, and gets the new secret at its start", async () => {
  const replicas = await startAll();
  await replicas[2]?.kill("SIGKILL");
  const command = await rotate();
  await command.until(() => command.stderr.includes("waiting for n3"));
  expect(await secretOf(2)).toBe(old);
  await startReplica(2);
  expect((await command.exited).code).toBe(0);
  expect(await secretOf(2)).toBe(await secretOf(0));
  expect(await secretOf(0)).not.toContain(old);
});
