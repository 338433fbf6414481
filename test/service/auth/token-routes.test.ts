import type { Hono } from "hono";
import { beforeEach, describe, expect, test } from "vitest";
import { startCluster } from "../cluster.ts";
import { AccessFixture, ask, problemOf, wallTime } from "./access-fixture.ts";

let fixture: AccessFixture;
let app: Hono;
let admin: string;
const address = "10.0.0.9";
beforeEach(async () => {
  fixture = new AccessFixture();
  app = await fixture.app();
  admin = await fixture.token("admin", ["admin"]);
});

function create(body: unknown): Promise<Response> {
  return ask(app, "POST /v1/tokens", { token: admin, body, address });
}

describe("a created token", () => {
  test("is shown once, and valid at once", async () => {
    const response = await create({ name: "ci", may: ["read app/", "read app/"], ttlMs: 60_000 });
    expect([response.status, response.headers.get("cache-control")]).toEqual([201, "no-store"]);
    const { token, ...rest } = await response.json();
    expect(rest).toEqual({ name: "ci", may: ["read app/"], expiresInMs: 60_000 });
    expect((await ask(app, "GET /status", { token })).status).toBe(200);
    const kept = fixture.records.entries("token/").map(({ value }) => new TextDecoder().decode(value));
    const listed = await (await ask(app, "GET /v1/tokens", { token: admin })).text();
    const events = await (await ask(app, "GET /v1/events", { token: admin })).text();
    for (const text of [...kept, listed, events]) expect(text).not.toContain(token.slice(6, 20));
  });

  test("is listed with its last use, and in the events with who created it", async () => {
    const { token } = await (await create({ name: "ci", may: ["metrics"] })).json();
    await ask(app, "GET /status", { token, address: "10.0.0.7" });
    fixture.nowMs += 3000;
    const { tokens } = await (await ask(app, "GET /v1/tokens", { token: admin })).json();
    const lastUsed = { agoMs: 3000, address: "10.0.0.7" };
    const ci = {
      name: "ci",
      kind: "client",
      may: ["metrics"],
      createdAt: wallTime(),
      expiresInMs: null,
      lastUsed,
    };
    expect(tokens).toHaveLength(2);
    expect(tokens[1]).toEqual(ci);
    const { events } = await (await ask(app, "GET /v1/events", { token: admin })).json();
    const event = { at: wallTime(), who: "token admin", from: address, what: "created token ci: metrics" };
    expect(events).toEqual([{ index: 2, ...event }]);
  });

  test("whose name exists gets 409", async () => {
    await create({ name: "ci", may: ["read"] });
    const response = await create({ name: "ci", may: ["write"] });
    expect(response.status).toBe(409);
    const { reason, detail } = await problemOf(response);
    expect(reason).toBe("tokenExists");
    expect(detail).toBe("a token ci exists: choose another name, or revoke that one first");
  });

  test.each([
    [{ may: ["read"] }, "name: must be 1 to 64 letters"],
    [{ name: "a b", may: ["read"] }, 'hyphens, not "a b"'],
    [{ name: "a".repeat(65), may: ["read"] }, "name: must be 1 to 64"],
    [{ name: "ci" }, "may: must be a list of 1 to 64"],
    [{ name: "ci", may: [] }, "may: must be a list"],
    [{ name: "ci", may: [1] }, "may: must be a list"],
    [{ name: "ci", may: ["root"] }, 'may: "root" must be one of read, write'],
    [{ name: "ci", may: ["read"], ttlMs: 999 }, "ttlMs: must be a whole number from 1000"],
    [{ name: "ci", may: ["read"], ttlMs: "1d" }, "ttlMs: must be a whole number"],
  ])("is refused as %j", async (body, detail) => {
    const response = await create(body);
    expect(response.status).toBe(400);
    expect((await problemOf(response)).detail).toContain(detail);
  });

  test("may have 64 letters, digits, dots, underscores and hyphens", async () => {
    expect((await create({ name: `a.B_9-${"x".repeat(58)}`, may: ["read"] })).status).toBe(201);
  });

  test("with more than 4 KiB of grants gets 413", async () => {
    expect((await create({ name: "ci", may: [`read ${"x".repeat(4096)}`] })).status).toBe(413);
  });

  test.each([
    [{ type: "registryFull" }, 507, "full"],
    [{ type: "unavailable", outcome: "none", reason: "overloaded" }, 503, "overloaded"],
    [{ type: "unavailable", outcome: "unknown", reason: "timeout" }, 503, "uncertain"],
  ] as const)("that the cluster answers with %j gets %d", async (result, status, reason) => {
    fixture.records.nextResult = result;
    const response = await create({ name: "ci", may: ["read"] });
    expect([response.status, (await problemOf(response)).reason]).toEqual([status, reason]);
  });
});

describe("a revoked token", () => {
  test("is refused at once, and in the events", async () => {
    const { token } = await (await create({ name: "ci", may: ["read"] })).json();
    expect((await ask(app, "GET /status", { token })).status).toBe(200);
    const response = await ask(app, "DELETE /v1/tokens/ci", { token: admin });
    expect([response.status, await response.text()]).toEqual([204, ""]);
    expect((await ask(app, "GET /status", { token })).status).toBe(401);
    const { events } = await (await ask(app, "GET /v1/events", { token: admin })).json();
    expect(events.at(-1)).toMatchObject({ who: "token admin", from: null, what: "revoked token ci" });
  });

  test("that is absent gets 404, and a name that can't be one 400", async () => {
    expect((await ask(app, "DELETE /v1/tokens/none", { token: admin })).status).toBe(404);
    expect((await ask(app, "DELETE /v1/tokens/a%2Fb", { token: admin })).status).toBe(400);
    expect((await ask(app, "DELETE /v1/tokens/", { token: admin })).status).toBe(400);
  });

  test("may not be the last one with admin", async () => {
    await fixture.token("expired", ["admin"], 0);
    const response = await ask(app, "DELETE /v1/tokens/admin", { token: admin });
    expect([response.status, (await problemOf(response)).reason]).toEqual([409, "lastAdmin"]);
    await fixture.token("root", ["admin"]);
    expect((await ask(app, "DELETE /v1/tokens/admin", { token: admin })).status).toBe(204);
  });

  test("that another client changed meanwhile gets 409 or 404", async () => {
    await fixture.token("ci", ["read"]);
    fixture.records.nextResult = { type: "conflict", revision: 9 };
    const changed = await ask(app, "DELETE /v1/tokens/ci", { token: admin });
    expect([changed.status, (await problemOf(changed)).reason]).toEqual([409, "changed"]);
    fixture.records.nextResult = { type: "conflict", revision: 0 };
    expect((await ask(app, "DELETE /v1/tokens/ci", { token: admin })).status).toBe(404);
  });
});

test("a replica without a secret creates no tokens: they would be valid once there is one", async () => {
  const [open] = await startCluster({ access: { ...fixture.access, guard: undefined } });
  if (open === undefined) throw new Error("a replica was started");
  const response = await ask(open.app, "POST /v1/tokens", { body: { name: "ci", may: ["admin"] } });
  expect([response.status, (await problemOf(response)).reason]).toEqual([409, "noSecret"]);
  expect((await ask(open.app, "GET /v1/events")).status).toBe(200);
  expect((await ask(open.app, "GET /status")).status).toBe(200);
});
