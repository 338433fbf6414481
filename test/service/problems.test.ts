import type { Hono } from "hono";
import { describe, expect, test } from "vitest";
import { get, leaderKnown, post, send, startCluster, startOne } from "./cluster.ts";

/** A problem without its text. */
async function problemOf(response: Response): Promise<Record<string, unknown>> {
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  const { type, title, detail, ...rest } = await response.json();
  expect([typeof title, typeof detail]).toEqual(["string", "string"]);
  expect(rest.status).toBe(response.status);
  return { type, ...rest };
}

async function detailOf(response: Response): Promise<string> {
  expect(response.status).toBe(400);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  return (await response.json()).detail;
}

describe("a malformed write is refused with 400", () => {
  test.each([
    ["broken JSON", '{"key": "k"', "body: must be JSON"],
    ["an empty body", "", "body: must be JSON"],
    ["bytes that are no UTF-8", new Uint8Array([0x22, 0xff, 0x22]), "body: must be JSON"],
    ["something other than an object", '"text"', "body: must be a JSON object"],
    ["no key", '{"value": "v"}', "key: is missing"],
    ["no value", '{"key": "k"}', "value: is missing"],
    ["a key that is no string", '{"key": 1, "value": "v"}', "key: must be a string"],
    ["a value that is no string", '{"key": "k", "value": null}', "value: must be a string"],
    ["an empty key", '{"key": "", "value": "v"}', "key: must not be empty"],
    ["half a character", '{"key": "k", "value": "\\ud83d"}', "value: must be well-formed"],
  ])("%s", async (_what, body, detail) => {
    const app = await startOne();
    for (const route of ["/kvstore/put", "/kvstore/append"]) {
      expect(await detailOf(await send(app, route, body))).toContain(detail);
    }
  });
});

describe("a malformed read is refused with 400", () => {
  test("an empty key", async () => {
    const app = await startOne();
    expect(await detailOf(await app.request("/kvstore/get/"))).toBe("key: must not be empty");
  });

  test("a key that is not percent-encoded UTF-8", async () => {
    const app = await startOne();
    expect(await detailOf(await app.request("/kvstore/get/%ff"))).toBe("key: must be percent-encoded UTF-8");
  });
});

describe("requests that are too large get 413", () => {
  const tooLarge = { type: "urn:durio:tooLarge", status: 413, retryable: false, outcome: "none" };
  const body = JSON.stringify({ key: "k", value: "v".repeat(1 << 20) });

  test("a body over 1 MiB, by its content-length", async () => {
    const app = await startOne();
    const response = await send(app, "/kvstore/put", body, { "content-length": `${body.length}` });
    expect(await problemOf(response)).toEqual(tooLarge);
  });

  test("a chunked body over 1 MiB without a declared length", async () => {
    const app = await startOne();
    const response = await send(app, "/kvstore/append", new Blob([body]).stream());
    expect(await problemOf(response)).toEqual(tooLarge);
  });

  test("a key over 4 KiB, counted in bytes", async () => {
    const app = await startOne();
    const fits = "ä".repeat(2048);
    expect((await post(app, "/kvstore/put", { key: fits, value: "v" })).status).toBe(200);
    expect(await get(app, fits)).toBe(`${fits}!0!v`);
    const response = await post(app, "/kvstore/put", { key: `${fits}x`, value: "v" });
    expect(await problemOf(response)).toEqual(tooLarge);
    expect((await app.request(`/kvstore/get/${fits}x`)).status).toBe(413);
  });

  test("a value that would grow beyond the limit of the store; it stays as it was", async () => {
    const app = await startOne({ limits: { maxValueBytes: 8 } });
    await post(app, "/kvstore/put", { key: "k", value: "12345" });
    expect(await problemOf(await post(app, "/kvstore/append", { key: "k", value: "6789" }))).toEqual(
      tooLarge,
    );
    expect(await get(app, "k")).toBe("k!0!12345");
  });
});

describe("routes", () => {
  test("one that is not there is answered with 404", async () => {
    const app = await startOne();
    for (const path of [
      "/",
      "/kvstore",
      "/kvstore/get",
      "/kvstore/get?x=/kvstore/get/k",
      "/kvstore/delete",
    ]) {
      expect(await problemOf(await app.request(path))).toEqual({
        ...{ type: "urn:durio:notFound", status: 404, retryable: false, outcome: "none" },
      });
    }
  });

  test.each([
    ["DELETE", "/kvstore/put", "POST"],
    ["GET", "/kvstore/append", "POST"],
    ["POST", "/kvstore/get/k", "GET, HEAD"],
    ["PUT", "/status", "GET, HEAD"],
  ])("%s %s gets 405, with the allowed methods", async (method, path, allow) => {
    const app = await startOne();
    const response = await app.request(path, { method });
    expect(response.headers.get("allow")).toBe(allow);
    expect(await problemOf(response)).toEqual({
      ...{ type: "urn:durio:methodNotAllowed", status: 405, retryable: false, outcome: "none" },
    });
  });
});

describe("without a quorum", () => {
  async function minority(): Promise<Hono> {
    const [one] = await startCluster({
      ...{ voters: ["n1", "n2", "n3"], started: ["n1"], requestTimeoutMs: 50 },
    });
    if (one === undefined) throw new Error("a replica was started");
    return one.app;
  }
  const unavailable = { type: "urn:durio:unavailable", status: 503, retryable: true, outcome: "none" };

  test("a read ends with 503 when its time is up", async () => {
    expect(await problemOf(await (await minority()).request("/kvstore/get/k"))).toEqual(unavailable);
  });

  test("a write that no replica accepted ends with 503, and wrote nothing", async () => {
    const response = await post(await minority(), "/kvstore/put", { key: "k", value: "v" });
    expect(await problemOf(response)).toEqual(unavailable);
  });

  test("a write whose leader lost its quorum after appending it gets 503 and an unknown outcome", async () => {
    const replicas = await startCluster({ voters: ["n1", "n2"], requestTimeoutMs: 200 });
    const [first, second] = replicas;
    if (!first || !second) throw new Error("two replicas were started");
    await Promise.all(replicas.map(({ store }) => leaderKnown(store)));
    const [leader, other] = first.store.raft.getState().isLeader ? [first, second] : [second, first];
    // Its clerk has its session from here on, so the next command is a write.
    while ((await post(leader.app, "/kvstore/put", { key: "k", value: "v" })).status !== 200);
    await other.store.kill();
    const response = await post(leader.app, "/kvstore/put", { key: "k", value: "w" });
    expect(await problemOf(response)).toEqual({
      ...unavailable,
      type: "urn:durio:uncertain",
      outcome: "unknown",
    });
  });
});

describe("a write that was not done for a reason of the store", () => {
  const { signal } = new AbortController();

  test("gets 503 and outcome none if the limit of sessions in use is reached", async () => {
    const [one] = await startCluster({ limits: { maxSessions: 1 } });
    if (one === undefined) throw new Error("a replica was started");
    await leaderKnown(one.store);
    await one.store.handle({ type: "kvOpenSession" }, signal);
    const response = await post(one.app, "/kvstore/put", { key: "k", value: "v" });
    expect((await response.clone().json()).detail).toContain("sessions");
    expect(response.headers.get("retry-after")).toBe("1");
    expect(await problemOf(response)).toEqual({
      ...{ type: "urn:durio:overloaded", status: 503, retryable: true, outcome: "none" },
    });
  });

  test("gets 503 and an unknown outcome if its session ended, not the message about a quorum", async () => {
    const [one] = await startCluster({ limits: { maxSessions: 1, sessionInUseMs: 1 } });
    if (one === undefined) throw new Error("a replica was started");
    expect((await post(one.app, "/kvstore/put", { key: "k", value: "v" })).status).toBe(200);
    let opened = "";
    while (opened !== "session") opened = (await one.store.handle({ type: "kvOpenSession" }, signal)).type;
    const response = await post(one.app, "/kvstore/put", { key: "k", value: "w" });
    expect((await response.clone().json()).detail).toContain("ended this replica's session");
    expect(await problemOf(response)).toEqual({
      ...{ type: "urn:durio:uncertain", status: 503, retryable: true, outcome: "unknown" },
    });
    // The next write opens another session when the one opened above is no longer in use.
    let status = 0;
    while (status !== 200) status = (await post(one.app, "/kvstore/put", { key: "k", value: "x" })).status;
  });
});

test("an internal failure gets 500, without internal details", async () => {
  const app = await startOne();
  app.get("/broken", () => {
    throw new Error("the secret of the house");
  });
  const response = await app.request("/broken");
  expect(await response.clone().text()).not.toContain("secret");
  expect(await problemOf(response)).toEqual({
    ...{ type: "urn:durio:failed", status: 500, retryable: false, outcome: "unknown" },
  });
});
