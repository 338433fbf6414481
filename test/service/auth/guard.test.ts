import { describe, expect, test, vi } from "vitest";
import { AccessFixture, ask, problemOf } from "./access-fixture.ts";

describe("a token", () => {
  test("that was used before is not hashed again", async () => {
    const fixture = new AccessFixture();
    const app = await fixture.app();
    const [one, two] = [await fixture.token("one", ["read"]), await fixture.token("two", ["read"])];
    await ask(app, "GET /status", { token: one });
    const digest = vi.spyOn(crypto.subtle, "digest");
    try {
      for (let count = 0; count < 10; count++) await ask(app, "GET /status", { token: one });
      expect(digest).toHaveBeenCalledTimes(0);
      await ask(app, "GET /status", { token: two });
      expect(digest).toHaveBeenCalledTimes(1);
      // A change of another token does not make a replica forget this one.
      await fixture.records.register("token/two", undefined);
      expect((await ask(app, "GET /status", { token: one })).status).toBe(200);
      expect(digest).toHaveBeenCalledTimes(1);
    } finally {
      digest.mockRestore();
    }
  });

  test("that was revoked and created again under its name stays refused", async () => {
    const fixture = new AccessFixture();
    const app = await fixture.app();
    const old = await fixture.token("ci", ["read"]);
    expect((await ask(app, "GET /status", { token: old })).status).toBe(200);
    const young = await fixture.token("ci", ["read"]);
    expect((await ask(app, "GET /status", { token: old })).status).toBe(401);
    expect((await ask(app, "GET /status", { token: young })).status).toBe(200);
  });

  test("whose record is damaged allows nothing", async () => {
    const fixture = new AccessFixture();
    const app = await fixture.app();
    const token = await fixture.token("ci", ["admin"]);
    await fixture.records.register("token/ci", new TextEncoder().encode('{"hash":"00","may":["admin"]}'));
    expect((await ask(app, "GET /status", { token })).status).toBe(401);
  });

  test("expires by cluster time", async () => {
    const fixture = new AccessFixture();
    const app = await fixture.app();
    const token = await fixture.token("ci", ["read"], 5000);
    fixture.records.clockMs = 4999;
    expect((await ask(app, "GET /status", { token })).status).toBe(200);
    fixture.records.clockMs = 5000;
    const response = await ask(app, "GET /status", { token });
    expect((await problemOf(response)).detail).toBe("the token ci has expired: ask an admin for another one");
  });

  test.each(["Basic YTpi", "Bearer", "Bearer a b", "durio_x"])(
    "is not in an Authorization of %j",
    async (authorization) => {
      const app = await new AccessFixture("write").app();
      const response = await app.request("/status", { headers: { authorization } });
      expect(response.status).toBe(401);
    },
  );

  test("is found after bearer in any case, and spaces", async () => {
    const fixture = new AccessFixture();
    const app = await fixture.app();
    const token = await fixture.token("ci", ["read"]);
    for (const authorization of [`bearer ${token}`, `BEARER  ${token} `, `Bearer   ${token}`]) {
      expect((await app.request("/status", { headers: { authorization } })).status).toBe(200);
    }
  });
});

describe("wrong tokens from an address", () => {
  test("get 429 after the fifth, with growing Retry-After; right tokens do not", async () => {
    const fixture = new AccessFixture();
    const app = await fixture.app();
    const [right, fresh] = [await fixture.token("a", ["read"]), await fixture.token("b", ["read"])];
    const address = "10.0.0.9";
    await ask(app, "GET /status", { token: right, address });
    const send = () => ask(app, "GET /status", { token: "durio_wrong", address });
    for (let count = 0; count < 5; count++) expect((await send()).status).toBe(401);
    const pauses: (string | null)[] = [];
    for (let count = 0; count < 3; count++) {
      const response = await send();
      expect(response.status).toBe(429);
      pauses.push(response.headers.get("retry-after"));
      expect((await problemOf(response)).detail).toContain("too many wrong tokens from this address: wait");
      fixture.nowMs += 1000 * Number(pauses.at(-1));
    }
    expect(pauses).toEqual(["1", "2", "4"]);
    for (const token of [right, fresh]) {
      expect((await ask(app, "GET /status", { token, address })).status).toBe(200);
    }
    expect((await ask(app, "GET /status", { token: "durio_wrong", address: "10.0.0.8" })).status).toBe(401);
    expect(fixture.refusals.map(({ reason }) => reason)).toContain("tooManyWrongTokens");
    expect(fixture.refusals.at(0)).toEqual({ reason: "wrongToken", address });
  });
});
