import type { Hono } from "hono";
import { beforeEach, describe, expect, test } from "vitest";
import type { Scope } from "../../../src/service/auth/scopes.ts";
import { scopes } from "../../../src/service/auth/scopes.ts";
import { AccessFixture, ask, problemOf } from "./access-fixture.ts";

/** What a client of each kind gets. A token of another scope than those named gets 403. */
interface Row {
  /** A request of the route that changes nothing another row needs. */
  readonly request: string;
  readonly body?: unknown;
  /** The scopes that it is carried out for. */
  readonly scopes: readonly Scope[];
  /** Whether a request without a token is carried out. */
  readonly isOpen?: boolean;
  readonly status?: number;
}

const write = { key: "app/k", value: "v" };
const token = { name: "new", may: ["read"] };

/** Every route of the service, by method and path. */
const rows: Readonly<Record<string, Row>> = {
  "GET /kvstore/is_leader": { request: "GET /kvstore/is_leader", scopes },
  "GET /kvstore/get/*": { request: "GET /kvstore/get/app%2Fk", scopes: ["read", "admin"] },
  "POST /kvstore/put": { request: "POST /kvstore/put", body: write, scopes: ["write", "admin"] },
  "POST /kvstore/append": { request: "POST /kvstore/append", body: write, scopes: ["write", "admin"] },
  "GET /status": { request: "GET /status", scopes },
  "GET /healthz": { request: "GET /healthz", scopes, isOpen: true },
  "GET /livez": { request: "GET /livez", scopes, isOpen: true },
  "GET /readyz": { request: "GET /readyz", scopes, isOpen: true },
  "GET /v1/tokens": { request: "GET /v1/tokens", scopes: ["admin"] },
  "POST /v1/tokens": { request: "POST /v1/tokens", body: token, scopes: ["admin"], status: 201 },
  "DELETE /v1/tokens/*": { request: "DELETE /v1/tokens/spare", scopes: ["admin"], status: 204 },
  "GET /v1/secret/rotation": { request: "GET /v1/secret/rotation", scopes: ["admin"] },
  "POST /v1/secret/rotation": { request: "POST /v1/secret/rotation", scopes: ["admin"], status: 202 },
  "GET /v1/events": { request: "GET /v1/events", scopes: ["admin"] },
};

let fixture: AccessFixture;
let app: Hono;
beforeEach(async () => {
  fixture = new AccessFixture();
  app = await fixture.app();
  await fixture.token("spare", ["metrics"]);
  // The first request waits for the election.
  const admin = await fixture.token("admin", ["admin"]);
  await ask(app, "POST /kvstore/put", { token: admin, body: write });
});

/** Probes may say that a replica is not ready yet. */
function isServed(response: Response, { isOpen = false, status = 200 }: Row): boolean {
  return isOpen ? [200, 503].includes(response.status) : response.status === status;
}

test("every route has a row in the table of routes and scopes", () => {
  const routes = app.routes.map(({ method, path }) => `${method} ${path}`);
  expect([...routes].sort()).toEqual(Object.keys(rows).sort());
});

describe.each(Object.entries(rows))("%s", (_route, row) => {
  const { request, body } = row;

  test("without a token", async () => {
    const response = await ask(app, request, { body });
    if (row.isOpen) return expect(isServed(response, row)).toBe(true);
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toBe("Bearer");
    expect((await problemOf(response)).reason).toBe("unauthorized");
  });

  test.each(scopes)("with the scope %s alone", async (scope) => {
    const response = await ask(app, request, { body, token: await fixture.token("one", [scope]) });
    if (row.scopes.includes(scope)) return expect([response.status, isServed(response, row)]).toContain(true);
    expect(response.status).toBe(403);
    const { reason, detail } = await problemOf(response);
    const [needed = ""] = row.scopes;
    expect(reason).toBe("forbidden");
    expect(detail).toContain(`lacks the scope ${needed}`);
    expect(response.headers.get("www-authenticate")).toContain(`scope="${needed}"`);
  });

  test("with a prefix that covers the key, and with one that does not", async () => {
    for (const scope of ["read", "write"] as const) {
      const covering = await fixture.token(`${scope}-app`, [`${scope} app/`]);
      const other = await fixture.token(`${scope}-other`, [`${scope} other/`, `${scope} app/k/`]);
      const isForKeys = row.scopes.length === 2;
      const isGranted = row.scopes.includes(scope);
      const first = await ask(app, request, { body, token: covering });
      const second = await ask(app, request, { body, token: other });
      expect(isServed(first, row)).toBe(isGranted);
      expect(isServed(second, row)).toBe(isGranted && !isForKeys);
      if (isGranted && isForKeys) {
        expect((await problemOf(second)).detail).toContain(`lacks the scope ${scope} "app/k"`);
      }
    }
  });

  test("with a token that was revoked, expired, mistyped or never created", async () => {
    if (row.isOpen) return;
    const revoked = await fixture.token("revoked", ["admin"]);
    await ask(app, "GET /status", { token: revoked });
    await fixture.records.register("token/revoked", undefined);
    const expired = await fixture.token("expired", ["admin"], 1000);
    fixture.records.clockMs = 1000;
    const never = await new AccessFixture().token("never", ["admin"]);
    for (const each of [revoked, expired, `${never}x`, never]) {
      const response = await ask(app, request, { body, token: each });
      expect(response.status).toBe(401);
      expect(response.headers.get("www-authenticate")).toBe('Bearer error="invalid_token"');
    }
  });
});

describe("without a token", () => {
  test.each([
    ["read", "GET /kvstore/get/*", 200],
    ["read", "GET /status", 200],
    ["read", "GET /kvstore/is_leader", 200],
    ["read", "POST /kvstore/put", 401],
    ["read", "GET /v1/tokens", 401],
    ["write", "GET /kvstore/get/*", 200],
    ["write", "POST /kvstore/append", 200],
    ["write", "POST /v1/tokens", 401],
    ["write", "DELETE /v1/tokens/*", 401],
    ["write", "GET /v1/events", 401],
  ] as const)("and with --anonymous %s, %s gets %d", async (anonymous, route, status) => {
    const open = await new AccessFixture(anonymous).app();
    const { request, body } = rows[route] ?? { request: "" };
    expect((await ask(open, request, { body })).status).toBe(status);
  });

  test("a replica with --anonymous refuses a wrong token all the same", async () => {
    const open = await new AccessFixture("write").app();
    expect((await ask(open, "GET /status", { token: "durio_wrong" })).status).toBe(401);
  });
});
