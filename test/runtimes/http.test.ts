import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runtimes } from "../../scripts/runtimes/matrix.ts";
import { eventually, freePorts, read, Workshop, write } from "../durio/processes.ts";
import { type RawAnswer, rawRequest, request } from "./raw-http.ts";

/* One replica on each runtime, asked by raw bytes: what HTTP is understood as must not depend on the runtime. */

const json = { "Content-Type": "application/json" };

describe.each(runtimes)("on %s", (runtime) => {
  let workshop: Workshop;
  let url: string;
  let host: string;
  beforeAll(async () => {
    workshop = await Workshop.open();
    const [port] = await freePorts(1);
    url = `http://127.0.0.1:${port}`;
    host = `127.0.0.1:${port}`;
    const flags = ["--listen", host, "--persister", "memory", "--allow-host", "durio.home"];
    await workshop.serveWith({ runtime }, url, ...flags, "--allow-origin", "https://app.example");
    await eventually(async () => (await write(url, "put", "k", "v")).ok);
  });
  afterAll(() => workshop[Symbol.asyncDispose]());

  const ask = (line: string, headers: Record<string, string> = {}, body = ""): Promise<RawAnswer> =>
    rawRequest(url, request(line, { Host: host, ...headers }, body));
  const put = (headers: Record<string, string>, key = "k"): Promise<RawAnswer> =>
    ask("POST /kvstore/put", { ...json, ...headers }, JSON.stringify({ key, value: "written" }));

  describe("a request is routed by its target alone", () => {
    test.each([
      ["GET /kvstore/get/k", 200, "k!"],
      ["GET http://elsewhere/kvstore/get/k", 200, "k!"],
      ["GET /kvstore/./x/../get/k", 200, "k!"],
      ["GET /kvstore/%2e%2E/kvstore/get/k", 200, "k!"],
      ["GET /kvstore\\get\\k", 200, "k!"],
      ["GET /kvstore/get/k?query", 200, "k!"],
      ["GET //kvstore/get/k", 404, "urn:durio:notFound"],
      ["GET /kvstore/get/..", 404, "urn:durio:notFound"],
      ["GET /kvstore/get/.", 400, "key: must not be empty"],
      ["GET /nowhere", 404, "urn:durio:notFound"],
      ["OPTIONS *", 400, ""],
    ])("%s is answered with %i", async (line, status, text) => {
      const answer = await ask(line);
      expect(answer.status).toBe(status);
      expect(answer.body).toContain(text);
    });

    test.each(["x/kvstore/put?", "x#", "a@b", "[", "x, y", "x y", "", "1.2.3.4:"])(
      "a Host of %j reaches no other route, and is refused with 400",
      async (odd) => {
        const body = JSON.stringify({ key: "shifted", value: "v" });
        const answer = await ask("POST /healthz", { ...json, Host: odd }, body);
        expect(answer.status).toBe(400);
        expect(await read(url, "shifted")).toBe("");
      },
    );

    test("two Hosts are refused with 400", async () => {
      const answer = await rawRequest(
        url,
        `GET /healthz HTTP/1.1\r\nHost: ${host}\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
      );
      expect(answer.status).toBe(400);
    });

    test("HTTP/1.1 without a Host is refused with 400", async () => {
      expect((await rawRequest(url, "GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n")).status).toBe(400);
    });

    test.each(["/healthz", "/readyz"])("%s answers HTTP/1.0 without a Host", async (path) => {
      expect((await rawRequest(url, `GET ${path} HTTP/1.0\r\n\r\n`)).status).toBe(200);
      expect((await rawRequest(url, `OPTIONS ${path} HTTP/1.0\r\n\r\n`)).status).toBe(405);
    });

    test("no other route answers HTTP/1.0 without a Host", async () => {
      for (const path of ["/kvstore/get/k", "/status", "/rpc/raft", "/kvstore/healthz"]) {
        expect((await rawRequest(url, `GET ${path} HTTP/1.0\r\n\r\n`)).status).toBe(400);
      }
    });
  });

  describe("a Host that is not this replica's is refused with 421", () => {
    test.each([
      "evil.example",
      "evil.example:80",
      "127.0.0.1.evil.example",
      "localhost.evil.example",
      "256.1.1.1",
    ])("%s", async (foreign) => {
      for (const line of ["GET /kvstore/get/k", "GET /healthz", "POST /rpc/raft"]) {
        const answer = await ask(line, { Host: foreign });
        expect(answer.status).toBe(421);
        expect(JSON.parse(answer.body)).toMatchObject({ type: "urn:durio:foreignHost", retryable: false });
        expect(answer.body).toContain("--allow-host");
      }
    });

    test.each([
      "localhost",
      "LOCALHOST:1",
      "127.0.0.1",
      "127.9.9.9:80",
      "[::1]:9006",
      "durio.home",
      "Durio.Home.:80",
    ])("%s is allowed", async (own) => {
      expect((await ask("GET /kvstore/get/k", { Host: own })).status).toBe(200);
    });
  });

  describe("a web page", () => {
    test.each([
      ["of another origin", { Origin: "https://evil.example" }],
      ["of another port", { Origin: "http://127.0.0.1:1" }],
      ["without an origin", { Origin: "null" }],
      ["of another site, in a browser that says so", { "Sec-Fetch-Site": "cross-site" }],
      ["of a neighbour of this site", { "Sec-Fetch-Site": "same-site" }],
    ])("%s can't write", async (_who, headers: Record<string, string>) => {
      const answer = await put(headers, "forged");
      expect(answer.status).toBe(403);
      expect(JSON.parse(answer.body)).toMatchObject({ type: "urn:durio:foreignOrigin", outcome: "none" });
      expect(await read(url, "forged")).toBe("");
    });

    test("of this very host can write", async () => {
      expect((await put({ Origin: url, "Sec-Fetch-Site": "same-origin" })).status).toBe(200);
    });

    test("of an allowed origin can write and read, and preflights succeed", async () => {
      const page = { Origin: "https://app.example", "Sec-Fetch-Site": "cross-site" };
      const preflight = await ask("OPTIONS /kvstore/put", {
        ...page,
        "Access-Control-Request-Method": "POST",
      });
      expect(preflight.status).toBe(204);
      expect(preflight.headers.get("access-control-allow-methods")).toBe("GET, HEAD, POST, DELETE");
      expect(preflight.headers.get("access-control-allow-headers")).toBe("authorization, content-type");
      for (const answer of [preflight, await put(page), await ask("GET /kvstore/get/k", page)]) {
        expect(answer.status).toBeLessThan(300);
        expect(answer.headers.get("access-control-allow-origin")).toBe("https://app.example");
        expect(answer.headers.get("vary")).toBe("origin");
      }
    });

    test("of another origin gets no permission", async () => {
      const page = { Origin: "https://evil.example", "Access-Control-Request-Method": "POST" };
      expect((await ask("OPTIONS /kvstore/put", page)).headers.has("access-control-allow-origin")).toBe(
        false,
      );
      expect((await ask("GET /kvstore/get/k", page)).headers.has("access-control-allow-origin")).toBe(false);
    });

    test.each([
      "text/plain",
      "application/x-www-form-urlencoded",
      "multipart/form-data; boundary=x",
      "application/jsonx",
    ])("can't send a write as %s", async (type) => {
      const answer = await put({ "Content-Type": type }, "forged");
      expect(answer.status).toBe(415);
      expect(JSON.parse(answer.body)).toMatchObject({ type: "urn:durio:unsupportedType" });
      expect(await read(url, "forged")).toBe("");
    });

    test.each(["application/json; charset=utf-8", "Application/JSON", "application/octet-stream"])(
      "%s is a type of writes",
      async (type) => {
        expect((await put({ "Content-Type": type })).status).toBe(200);
      },
    );
  });

  test("a chunked body is read, and one with a trailer is written and answered, or neither", async () => {
    const send = (key: string, trailer: string): Promise<RawAnswer> => {
      const body = JSON.stringify({ key, value: "v" });
      const head = `POST /kvstore/put HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\n`;
      const chunk = `${body.length.toString(16)}\r\n${body}\r\n0\r\n${trailer}\r\n`;
      return rawRequest(url, `${head}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}`);
    };
    expect((await send("chunked", "")).status).toBe(200);
    expect(await read(url, "chunked")).toBe("v");
    const { status } = await send("trailer", "X-Trailer: 1\r\n");
    expect(await read(url, "trailer")).toBe(status === 200 ? "v" : "");
  });

  test("HTTP/2 is not accepted", async () => {
    const answer = await rawRequest(url, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    expect(answer.status).toBe(400);
  });

  test.each([".", ".."])("the key %j, which no URL can name, is refused with 400", async (key) => {
    const answer = await put({}, key);
    expect(answer.status).toBe(400);
    expect(answer.body).toContain("because no URL can contain it");
  });
});
