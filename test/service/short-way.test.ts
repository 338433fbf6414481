import { Hono } from "hono";
import { describe, expect, test, vi } from "vitest";
import { ShortWay } from "../../src/service/short-way.ts";
import { StoreAnswers } from "../../src/service/store-answers.ts";
import { AccessFixture } from "./auth/access-fixture.ts";
import { leaderKnown, startCluster, type TestReplica } from "./cluster.ts";

interface Sent {
  readonly what: string;
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  /** Whether the length of the body is declared. Default: yes. */
  readonly length?: string | false;
  /** Whether it is served by the short way. */
  readonly isShort: boolean;
}

const text = new TextEncoder();
const json = { "content-type": "application/json" };
const kept = { key: "k", value: "v" };
const put = (what: string, body: unknown, isShort = true): Sent => ({
  ...{ what, path: "/kvstore/put", method: "POST", headers: json, isShort },
  body: typeof body === "string" || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
});
const get = (what: string, path: string, isShort = true): Sent => ({ what, path, isShort });

/** Sent in this order, because later ones see what earlier ones wrote. */
const corpus: readonly Sent[] = [
  put("a put", kept),
  get("its get", "/kvstore/get/k"),
  { ...put("an append", { key: "k", value: "w" }), path: "/kvstore/append" },
  get("what was appended", "/kvstore/get/k"),
  get("an absent key", "/kvstore/get/none"),
  put("a key and a value beyond ASCII", { key: "ключ 🔑/%?#", value: '\u{feff}\0\n"🙂' }),
  get("the key beyond ASCII", `/kvstore/get/${encodeURIComponent("ключ 🔑/%?#")}`),
  get("a slash that is not encoded", "/kvstore/get/a/b"),
  get("a prototype's name", "/kvstore/get/__proto__"),
  get("an empty key", "/kvstore/get/", false),
  get("no slash after get", "/kvstore/get", false),
  get("a dot", "/kvstore/get/%2e%2e/x", false),
  get("a query", "/kvstore/get/k?x=1", false),
  get("a fragment", "/kvstore/get/k#x", false),
  get("encoding that is not UTF-8", "/kvstore/get/%ff", false),
  get("encoding that is cut off", "/kvstore/get/%e", false),
  get("a key of 4,097 bytes", `/kvstore/get/${"k".repeat(4097)}`, false),
  get("a path with an encoded letter", "/kvstore/g%65t/k", false),
  get("another origin", "http://other.example:1/kvstore/get/k"),
  get("a path within a path", "/x/kvstore/get/k", false),
  { ...get("HEAD", "/kvstore/get/k", false), method: "HEAD" },
  { ...get("DELETE", "/kvstore/get/k", false), method: "DELETE" },
  { ...put("a put by PUT", kept, false), method: "PUT" },
  { ...put("a put with a query", kept, false), path: "/kvstore/put?x" },
  { ...put("a put with a slash at the end", kept, false), path: "/kvstore/put/" },
  { ...put("an unknown write", kept, false), path: "/kvstore/swap" },
  { ...put("no content type", kept, false), headers: {} },
  { ...put("a form's content type", kept, false), headers: { "content-type": "text/plain" } },
  { ...put("octets", kept), headers: { "content-type": "application/octet-stream" } },
  { ...put("a charset", kept), headers: { "content-type": "Application/JSON; charset=utf-8" } },
  { ...put("no declared length", kept, false), length: false },
  { ...put("a length that is no number", kept, false), length: "x" },
  put("an empty body", ""),
  put("no JSON", "{"),
  put("JSON that is not UTF-8", text.encode('{"key":"k","value":"v"}').fill(0xff, 9, 10)),
  put("a byte order mark", "\u{feff}{}"),
  put("an array", "[]"),
  put("null", "null"),
  put("a number", "1"),
  put("no key", { value: "v" }),
  put("no value", { key: "k" }),
  put("a key that is a number", { key: 1, value: "v" }),
  put("a value that is null", { key: "k", value: null }),
  put("half a surrogate", '{"key":"k","value":"\\ud800"}'),
  put("half a surrogate as the key", '{"key":"\\udc00","value":""}'),
  put("an empty key to write", { key: "", value: "v" }),
  put("a dot as the key", { key: "..", value: "v" }),
  put("a key of 4,097 bytes to write", { key: "k".repeat(4097), value: "v" }),
  put("more members", { key: "k", value: "v", more: [1] }),
  put("a member twice", '{"key":"k","value":"1","value":"2"}'),
  put("the longest body of the short way", { key: "k", value: "x".repeat((64 << 10) - 22) }),
  put("a body beyond the short way", { key: "k", value: "x".repeat(64 << 10) }, false),
  put("a body beyond every way", "x".repeat((1 << 20) + 1), false),
  { ...put("a value beyond the limit", { key: "long", value: "x".repeat(60_000) }), path: "/kvstore/append" },
  { ...put("growth beyond the limit", { key: "long", value: "x".repeat(60_000) }), path: "/kvstore/append" },
  get("what is left of it", "/kvstore/get/long"),
];

/** A response as a client sees it. Times are left out. */
async function seen(response: Response) {
  const headers = [...response.headers].filter(([name]) => name !== "date");
  return { status: response.status, headers, body: await response.text() };
}

function requestOf({ method = "GET", path, headers = {}, body, length }: Sent): Request {
  const url = new URL(path, "http://localhost:9006");
  if (body === undefined) return new Request(url, { method, headers });
  const bytes = typeof body === "string" ? text.encode(body) : body;
  const declared = length === false ? {} : { "content-length": length ?? `${bytes.length}` };
  return new Request(url, { method, headers: { ...headers, ...declared }, body: bytes });
}

/** A leader whose clerk has a session. */
async function readyReplica(options: Parameters<typeof startCluster>[0] = {}): Promise<TestReplica> {
  const [replica] = await startCluster({ limits: { maxValueBytes: 100_000 }, ...options });
  if (replica === undefined) throw new Error("a replica was started");
  await leaderKnown(replica.store);
  await new Hono().route("/", replica.app).request(requestOf(put("warm", { key: "warm", value: "" })));
  return replica;
}

describe("the short way", () => {
  test("answers byte for byte as the ordinary way, and only what it should", async () => {
    const [short, ordinary] = [await readyReplica(), await readyReplica()];
    // Routes that are mounted in another application take the ordinary way.
    const mounted = new Hono().route("/", ordinary.app);
    mounted.notFound((c) => ordinary.app.fetch(c.req.raw));
    const answers = vi.spyOn(ShortWay.prototype, "answer");
    for (const sent of corpus) {
      answers.mockClear();
      const got = await seen(await short.app.fetch(requestOf(sent)));
      const isShort = answers.mock.results[0]?.value !== undefined;
      const wanted = await seen(await mounted.fetch(requestOf(sent)));
      expect({ what: sent.what, ...got, isShort }).toEqual({
        what: sent.what,
        ...wanted,
        isShort: sent.isShort,
      });
    }
    answers.mockRestore();
  });

  test("is taken by the leader alone, and once a session is open; a read needs none", async () => {
    const replicas = await startCluster({ voters: ["n1", "n2", "n3"] });
    for (const { store } of replicas) await leaderKnown(store);
    const answers = vi.spyOn(ShortWay.prototype, "answer");
    const isShort = async (app: Hono, sent: Sent) => {
      answers.mockClear();
      expect((await app.fetch(requestOf(sent))).status).toBe(200);
      return answers.mock.results[0]?.value !== undefined;
    };
    for (const { app, store } of replicas) {
      const leads = store.raft.getState().isLeader;
      expect(await isShort(app, get("a read", "/kvstore/get/k"))).toBe(leads);
      expect(await isShort(app, put("the first write", kept))).toBe(false);
      expect(await isShort(app, put("the second write", kept))).toBe(leads);
    }
    answers.mockRestore();
  });

  test("a bug while it answers is answered with 500, and the replica and the next request are unharmed", async () => {
    const { app, store } = await readyReplica();
    vi.spyOn(StoreAnswers.prototype, "write").mockImplementationOnce(() => {
      throw new Error("a bug");
    });
    expect((await app.fetch(requestOf(put("a write", kept)))).status).toBe(500);
    expect((await app.fetch(requestOf(put("the next", kept)))).status).toBe(200);
    expect(store.raft.getState().isLeader).toBe(true);
  });
});

describe("the short way with tokens", () => {
  const tokens = [
    { what: "no token", may: undefined, status: [401, 401] },
    { what: "a token for all keys", may: ["read", "write"], status: [200, 200] },
    { what: "an admin's token", may: ["admin"], status: [200, 200] },
    { what: "a token for reads", may: ["read"], status: [403, 200] },
    { what: "a token for other keys", may: ["read x/", "write x/"], status: [403, 403] },
    { what: "a token for these keys", may: ["read k", "write k"], status: [200, 200] },
    { what: "a token that has expired", may: ["read", "write"], expiresMs: 1, status: [401, 401] },
  ];
  test.each(tokens)("$what gets the same answers and reports as by the ordinary way", async (token) => {
    const seenBy: unknown[] = [];
    for (const isShort of [true, false]) {
      const fixture = new AccessFixture();
      const text = token.may && (await fixture.token("ci", token.may, token.expiresMs));
      const admin = await fixture.token("admin", ["admin"]);
      const [replica] = await startCluster({ access: fixture.access });
      if (replica === undefined) throw new Error("a replica was started");
      await leaderKnown(replica.store);
      const app = isShort ? replica.app : new Hono().route("/", replica.app);
      const send = (sent: Sent, bearer: string | undefined) => {
        const headers = {
          ...sent.headers,
          ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
        };
        return app.fetch(requestOf({ ...sent, headers }), { address: "10.1.2.3" });
      };
      await send(put("opens the session", kept), admin);
      const results = [];
      fixture.records.clockMs = 2;
      for (const sent of [put("a write", kept), get("a read", "/kvstore/get/k")]) {
        // The second request has a token that is known.
        for (let count = 0; count < 2; count++) results.push(await seen(await send(sent, text)));
      }
      expect(results.map(({ status }) => status)).toEqual(token.status.flatMap((each) => [each, each]));
      const { lastUsedMs, lastAddress } = [...(fixture.access.guard?.credentials.all() ?? [])].find(
        ({ name }) => name === "ci",
      ) ?? { lastUsedMs: undefined, lastAddress: undefined };
      seenBy.push({ results, refusals: fixture.refusals, lastUsedMs, lastAddress });
    }
    expect(seenBy[0]).toEqual(seenBy[1]);
  });
});
