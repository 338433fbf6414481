import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { replicaId } from "../../src/raft/index.ts";
import { rpcLimits } from "../../src/rpc/index.ts";
import {
  fetchRequester,
  type HttpRequester,
  HttpTransport,
  nodeRequester,
} from "../../transports/http/index.ts";

const peer = replicaId("n2");
const payload = Uint8Array.of(1);
const requesters: Record<string, () => Promise<HttpRequester>> = {
  "node:http": nodeRequester,
  fetch: async () => fetchRequester(),
};

/** A peer with arbitrary responses, and the transport that calls it. */
class OddPeer implements AsyncDisposable {
  readonly transport: HttpTransport;
  readonly #server: Server;
  readonly #sockets: Socket[];

  constructor(server: Server, sockets: Socket[], requester: HttpRequester) {
    const { port } = server.address() as AddressInfo;
    const peers = new Map([[peer, `http://127.0.0.1:${port}/`]]);
    this.transport = new HttpTransport({ clusterId: "c", self: replicaId("n1"), peers, requester });
    this.#server = server;
    this.#sockets = sockets;
  }

  /** @param onRequest what it does with a connection on which a request has begun */
  static async open(requester: HttpRequester, onRequest: (socket: Socket) => void): Promise<OddPeer> {
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.on("error", () => {});
      socket.once("data", () => onRequest(socket));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new OddPeer(server, sockets, requester);
  }

  call(signal: AbortSignal = new AbortController().signal): Promise<unknown> {
    return this.transport.call(peer, "echo", payload, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.transport[Symbol.asyncDispose]();
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }
}

function closing(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once("close", () => resolve()));
}

function response(status: string, headers: readonly string[], body = ""): string {
  return [`HTTP/1.1 ${status}`, ...headers, "", body].join("\r\n");
}

describe.each(Object.entries(requesters))("over %s, a peer that", (_, requester) => {
  test.each([
    ["closes the connection", (socket: Socket) => socket.end(), "unreachable"],
    ["resets the connection", (socket: Socket) => socket.resetAndDestroy(), "unreachable"],
    ["speaks no HTTP", (socket: Socket) => socket.end("220 smtp ready\r\n"), "unreachable"],
    [
      "breaks off its response",
      (socket: Socket) => socket.end(response("200 OK", ["content-length: 100"], "half")),
      "unreachable",
    ],
    [
      "announces more than any answer has",
      (socket: Socket) => socket.write(response("200 OK", [`content-length: ${rpcLimits.messageBytes + 1}`])),
      "unreachable",
    ],
    [
      "does not say how long its response is",
      (socket: Socket) => socket.write(response("200 OK", ["transfer-encoding: chunked"], "1\r\nx\r\n")),
      "unreachable",
    ],
    [
      "answers with a page",
      (socket: Socket) => socket.end(response("200 OK", ["content-length: 4"], "<hi>")),
      "refused",
    ],
    [
      "knows no such route",
      (socket: Socket) => socket.end(response("404 Not Found", ["content-length: 0"])),
      "refused",
    ],
    [
      "sends the caller elsewhere",
      (socket: Socket) => socket.end(response("307 Moved", ["location: /x", "content-length: 0"])),
      /unreachable|refused/,
    ],
  ])("%s: the call fails", async (_, onRequest, reason) => {
    await using odd = await OddPeer.open(await requester(), onRequest);
    await expect(odd.call()).rejects.toMatchObject({ reason: expect.stringMatching(reason) });
  });

  test("accepts and stays silent: the signal ends the call, and closes the connection", async () => {
    const controller = new AbortController();
    let closed: Promise<unknown> | undefined;
    await using odd = await OddPeer.open(await requester(), (socket) => {
      closed = closing(socket);
      controller.abort();
    });
    await expect(odd.call(controller.signal)).rejects.toMatchObject({ reason: "timeout" });
    await closed;
  });

  test("stops in the middle of its response: the signal ends the call, and closes the connection", async () => {
    const controller = new AbortController();
    let closed: Promise<unknown> | undefined;
    await using odd = await OddPeer.open(await requester(), (socket) => {
      closed = closing(socket);
      socket.write(response("200 OK", ["content-length: 100"], "half"), () => controller.abort());
    });
    await expect(odd.call(controller.signal)).rejects.toMatchObject({ reason: "timeout" });
    await closed;
  });

  test("sends more than the limit loses the connection", async () => {
    let closed: Promise<unknown> | undefined;
    await using odd = await OddPeer.open(await requester(), (socket) => {
      closed = closing(socket);
      socket.write(response("200 OK", ["transfer-encoding: chunked"], "1\r\nx\r\n"));
    });
    await expect(odd.call()).rejects.toMatchObject({ reason: "unreachable" });
    await closed;
  });
});

test("dispose closes the connections that node:http keeps open", async () => {
  let closed: Promise<unknown> | undefined;
  await using odd = await OddPeer.open(await nodeRequester(), (socket) => {
    closed = closing(socket);
    socket.write(response("200 OK", ["content-length: 1"], "x"));
  });
  await expect(odd.call()).rejects.toMatchObject({ reason: "refused" });
  await odd.transport[Symbol.asyncDispose]();
  await closed;
});

test("a peer's URL that is not an HTTP URL is rejected", () => {
  const options = { clusterId: "c", self: replicaId("n1"), requester: fetchRequester() };
  for (const url of ["127.0.0.1:9006", "ftp://10.0.0.2", ""]) {
    expect(() => new HttpTransport({ ...options, peers: new Map([[peer, url]]) }), url).toThrow(
      `the URL of n2 must begin with http:// or https://, not "${url}"`,
    );
  }
});

describe("mistakes are distinguished from temporary failures", () => {
  function answering(status: number, contentType: string, body = ""): HttpRequester {
    return {
      post: async () => ({ status, contentType, body: new TextEncoder().encode(body) }),
      [Symbol.dispose]: () => {},
    };
  }
  function failing(code: string): HttpRequester {
    return {
      post: () => Promise.reject(Object.assign(new Error(code), { code })),
      [Symbol.dispose]: () => {},
    };
  }
  const wrong = "what answers there is no replica: HTTP status";
  test.each([
    ["a web page", answering(200, "text/html", "<html>"), `${wrong} 200, text/html`],
    ["a server without such a route", answering(404, "text/plain"), `${wrong} 404, text/plain`],
    ["a proxy without a server behind it", answering(502, "text/html"), undefined],
    ["a replica that is overloaded", answering(503, "application/problem+json", "{}"), undefined],
    [
      "bytes that are not a reply",
      answering(200, "application/vnd.ruaft", "<"),
      /^its reply can't be read: /,
    ],
    ["a name that nobody knows", failing("ENOTFOUND"), "its name can't be resolved (ENOTFOUND)"],
    ["a name that nobody knows, on Bun", failing("DNS_ENOTFOUND"), "its name can't be resolved (ENOTFOUND)"],
    [
      "a certificate of nobody's",
      failing("DEPTH_ZERO_SELF_SIGNED_CERT"),
      "no secure connection to it can be made (DEPTH_ZERO_SELF_SIGNED_CERT)",
    ],
    ["a closed port", failing("ECONNREFUSED"), undefined],
  ])("%s", async (_, requester, mistake) => {
    const peers = new Map([[peer, "http://pi2:9006"]]);
    await using transport = new HttpTransport({ clusterId: "c", self: replicaId("n1"), peers, requester });
    const error = await transport
      .call(peer, "echo", payload, new AbortController().signal)
      .catch((thrown) => thrown);
    if (mistake instanceof RegExp) expect(error.mistake).toMatch(mistake);
    else expect(error.mistake).toBe(mistake);
    expect(transport.addressOf(peer)).toBe("http://pi2:9006");
  });

  test.each([
    ["another cluster", "d", "n2", "this is cluster d, not c"],
    ["another replica", "c", "n3", "this is replica n3, not n2"],
  ])("%s", async (_, clusterId, self, mistake) => {
    const { routes } = new HttpTransport({
      ...{ clusterId, self: replicaId(self), peers: new Map() },
      requester: answering(500, ""),
    });
    const requester: HttpRequester = {
      async post(url, body) {
        const headers = { "content-type": "application/vnd.ruaft" };
        const path = new URL(url).pathname.slice("/rpc".length);
        const response = await routes.request(path, { method: "POST", body, headers });
        const contentType = response.headers.get("content-type") ?? undefined;
        return { status: response.status, contentType, body: new Uint8Array(await response.arrayBuffer()) };
      },
      [Symbol.dispose]: () => {},
    };
    const peers = new Map([[peer, "http://pi2:9006"]]);
    await using transport = new HttpTransport({ clusterId: "c", self: replicaId("n1"), peers, requester });
    const call = transport.call(peer, "echo", payload, new AbortController().signal);
    await expect(call).rejects.toMatchObject({ reason: "refused", mistake });
  });
});
