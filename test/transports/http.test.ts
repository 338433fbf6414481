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
const kvGet = { type: "kvGet", key: Uint8Array.of(1) } as const;
const requesters: Record<string, () => Promise<HttpRequester>> = {
  "node:http": nodeRequester,
  fetch: async () => fetchRequester(),
};

/** A peer that speaks whatever it likes, and the transport that calls it. */
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
    return this.transport.call(peer, kvGet, signal);
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

  test("has more to say than is read of it loses the connection", async () => {
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

test("the URL of a peer that is none for HTTP is named", () => {
  const options = { clusterId: "c", self: replicaId("n1"), requester: fetchRequester() };
  for (const url of ["127.0.0.1:9006", "ftp://10.0.0.2", ""]) {
    expect(() => new HttpTransport({ ...options, peers: new Map([[peer, url]]) }), url).toThrow(
      `the URL of n2 is one of http or https, not "${url}"`,
    );
  }
});
