import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RuntimeName } from "../../src/runtime/index.ts";
import { type Durio, eventually, freePorts, Plan, Workshop } from "./processes.ts";

let workshop: Workshop;
beforeEach(async () => {
  workshop = await Workshop.open();
});
afterEach(() => workshop[Symbol.asyncDispose]());

const secret = `durio_secret_${"planted0".repeat(5)}abc`;

/** A cluster with a secret, and clients of it. */
class Guarded {
  readonly plan: Plan;
  readonly replicas: readonly Durio[];
  readonly #runtime: RuntimeName;

  private constructor(plan: Plan, replicas: readonly Durio[], runtime: RuntimeName) {
    this.plan = plan;
    this.replicas = replicas;
    this.#runtime = runtime;
  }

  static async start(count: number, runtime: RuntimeName): Promise<Guarded> {
    const plan = new Plan(await freePorts(count));
    writeFileSync(join(workshop.directory, "secret"), `${secret}\n`, { mode: 0o600 });
    const replicas = await Promise.all(
      plan.urls.map((url, turn) =>
        workshop.serveWith({ runtime }, url, ...plan.flags(turn), "--secret-file", "secret"),
      ),
    );
    return new Guarded(plan, replicas, runtime);
  }

  /** The path of the first token, once a replica has written it. */
  adminFile(): Promise<string> {
    return eventually(() =>
      this.plan.urls
        .map((_, turn) => join(workshop.directory, ".durio", `n${turn + 1}`, "admin-token"))
        .find(
          (path) => existsSync(path) && this.replicas.some(({ stderr }) => stderr.includes("shown only now")),
        ),
    );
  }

  /** Runs a command with the first token. */
  async run(...args: string[]): Promise<Durio> {
    const environment = { DURIO_TOKEN_FILE: await this.adminFile() };
    const durio = workshop.startWith(
      { runtime: this.#runtime, environment },
      ...args,
      "--url",
      this.plan.url(0),
    );
    await durio.exited;
    return durio;
  }

  ask(turn: number, path: string, token?: string, body?: unknown): Promise<Response> {
    const headers = {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
    };
    const init = { headers, method: body === undefined ? "GET" : "POST" };
    const sent = body === undefined ? init : { ...init, body: JSON.stringify(body) };
    return fetch(this.plan.url(turn) + path, sent);
  }
}

describe.each(["bun", "node"] as const)("on %s", (runtime) => {
  test("a token is created, used, refused beyond its prefix, and refused by each replica once revoked", async () => {
    const cluster = await Guarded.start(3, runtime);
    const admin = await cluster.adminFile();
    expect(statSync(admin).mode & 0o777).toBe(0o600);
    expect((await cluster.ask(0, "/kvstore/get/app%2Fk")).status).toBe(401);

    const created = await cluster.run("token", "create", "ci", "--may", "read app/", "--may", "write app/");
    expect((await created.exited).code, created.stderr).toBe(0);
    const token = created.stdout.trim();
    expect(token).toMatch(/^durio_[0-9A-Za-z]{33}$/);
    // Replicas other than the asked one know it once they have applied it.
    for (const turn of [0, 1, 2]) {
      await eventually(async () => (await cluster.ask(turn, "/status", token)).status === 200);
    }
    const write = { key: "app/k", value: "v" };
    expect((await cluster.ask(1, "/kvstore/put", token, write)).status).toBe(200);
    expect(await (await cluster.ask(2, "/kvstore/get/app%2Fk", token)).text()).toBe("app/k!0!v");
    expect((await cluster.ask(1, "/kvstore/put", token, { key: "ap", value: "v" })).status).toBe(403);
    expect((await cluster.ask(2, "/kvstore/get/other", token)).status).toBe(403);
    expect((await cluster.ask(0, "/v1/tokens", token)).status).toBe(403);

    const list = await cluster.run("token", "list");
    expect(list.stdout).toMatch(/^NAME +KIND +MAY +EXPIRES +LAST USED\n/);
    expect(list.stdout).toMatch(
      /\nci +client +read app\/ {3}write app\/ +never +\d+ s ago from 127\.0\.0\.1\n/,
    );
    const again = await cluster.run("token", "create", "ci", "--may", "read");
    expect((await again.exited).code).toBe(1);
    expect(again.stderr).toContain("a token ci exists: choose another name, or revoke that one first");

    expect((await (await cluster.run("token", "revoke", "ci")).exited).code).toBe(0);
    expect((await cluster.ask(0, "/status", token)).status).toBe(401);
    for (const turn of [1, 2]) {
      await eventually(async () => (await cluster.ask(turn, "/status", token)).status === 401);
    }
    const events = await cluster.run("events");
    expect(events.stdout).toMatch(/replica n\d +- +created token admin: admin\n/);
    expect(events.stdout).toMatch(/token admin +127\.0\.0\.1 +created token ci: read app\/, write app\/\n/);
    expect(events.stdout).toMatch(/token admin +127\.0\.0\.1 +revoked token ci\n/);

    // No secret and no token is in the log, in /status or in the printed config.
    const first = readFileSync(admin, "utf8").trim();
    const shown = cluster.replicas.map(({ stderr }) => stderr).join("");
    expect(shown.split(first)).toHaveLength(2);
    const status = await (await cluster.ask(0, "/status", first)).text();
    const config = await cluster.run("config", "--secret-file", "secret");
    for (const text of [shown, status, config.stdout + config.stderr]) {
      expect(text).not.toContain(token.slice(6, 20));
      expect(text).not.toContain("planted0");
    }
    expect(status).not.toContain(first);
  });
});

test("wrong tokens are slowed down, the log counts them, and right ones still work", async () => {
  const cluster = await Guarded.start(1, "bun");
  const first = readFileSync(await cluster.adminFile(), "utf8").trim();
  const wrong = `durio_${"x".repeat(33)}`;
  const seen: number[] = [];
  for (let count = 0; count < 8; count++) seen.push((await cluster.ask(0, "/status", wrong)).status);
  expect(seen).toEqual([401, 401, 401, 401, 401, 429, 429, 429]);
  expect((await cluster.ask(0, "/status", wrong)).headers.get("retry-after")).toMatch(/^\d+$/);
  expect((await cluster.ask(0, "/status", first)).status).toBe(200);
  const [replica] = cluster.replicas;
  expect(replica?.stderr).toMatch(
    /refused requests of clients from 127\.0\.0\.1 \(1\): their token is wrong/,
  );
  expect(replica?.stderr).not.toContain(wrong);
});

test("the first token is not created again after its replica was killed", async () => {
  const cluster = await Guarded.start(1, "bun");
  const path = await cluster.adminFile();
  const first = readFileSync(path, "utf8").trim();
  await cluster.replicas[0]?.kill("SIGKILL");
  const again = await workshop.serve(
    cluster.plan.url(0),
    ...cluster.plan.flags(0),
    "--secret-file",
    "secret",
  );
  await eventually(async () => (await cluster.ask(0, "/status", first)).status === 200);
  expect(again.stderr).not.toContain("shown only now");
  expect(readFileSync(path, "utf8").trim()).toBe(first);
});

describe("a command that is not carried out", () => {
  test.each([
    [["token", "create", "ci"], 2, "--may: at least one scope"],
    [
      ["token", "create", "ci", "--may", "read", "--ttl", "soon"],
      2,
      "--ttl: a number with s, min, h or d, such as 30d",
    ],
    [["token", "revoke"], 2, "missing required argument 'name'"],
    [["token", "list", "--url", "ftp://a"], 2, "--url: the URL of a replica"],
    [["token", "list", "--url", "http://127.0.0.1:1"], 1, "can't be reached"],
  ])("durio %j ends with code %d and says why", async (args, code, message) => {
    const durio = workshop.start(...args);
    expect((await durio.exited).code).toBe(code);
    expect(durio.stderr).toContain(message);
  });
});
