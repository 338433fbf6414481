import { execFile } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import {
  defaultMaxConnections,
  runtimeName,
  type ServeOptions,
  type Server,
  serve,
} from "../../src/runtime/index.ts";
import { happening } from "../../src/testing/conformance/transport/fixture.ts";

const hostname = "127.0.0.1";

function serveWith(fetch: ServeOptions["fetch"], options: Partial<ServeOptions> = {}): Promise<Server> {
  return serve({ hostname, port: 0, stopGraceMs: 50, ...options, fetch });
}

describe("a server", () => {
  test("runs on the current runtime, on any free port, and returns its address", async () => {
    expect(runtimeName).toBe("node");
    const server = await serveWith((request) => new Response(new URL(request.url).pathname));
    expect(server.url).toBe(`http://127.0.0.1:${server.port}`);
    const response = await fetch(`${server.url}/here`);
    expect(await response.text()).toBe("/here");
    await server.stop();
  });

  test("sends the length of its responses", async () => {
    const server = await serveWith(() => new Response(Uint8Array.of(1, 2, 3)));
    const response = await fetch(server.url);
    expect(response.headers.get("content-length")).toBe("3");
    await response.arrayBuffer();
    await server.stop();
  });

  test("names a port that is in use", async () => {
    const server = await serveWith(() => new Response());
    const second = serveWith(() => new Response(), { port: server.port });
    await expect(second).rejects.toMatchObject({ code: "EADDRINUSE" });
    await server.stop();
  });

  test("puts an IPv6 address in brackets", async () => {
    const server = await serveWith(() => new Response(), { hostname: "::1" });
    expect(server.url).toBe(`http://[::1]:${server.port}`);
    await server.stop();
  });
});

describe("a client's address", () => {
  const address: ServeOptions["fetch"] = (_, client) => new Response(`${client.address}`);

  test.each([
    ["127.0.0.1", "127.0.0.1"],
    ["::1", "::1"],
    ["::", "127.0.0.1"],
  ])("on %s is that of its connection, in the form of its family", async (bound, expected) => {
    const server = await serveWith(address, { hostname: bound });
    const response = await fetch(`http://${bound === "::1" ? "[::1]" : hostname}:${server.port}`);
    expect(await response.text()).toBe(expected);
    await server.stop();
  });
});

test.each([
  ["bun", []],
  ["deno", ["run", "--allow-all"]],
] as const)("on %s, a client's address is that of its connection too", async (runtime, flags) => {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const script = [...flags, "test/runtimes/address-process.ts"];
  const { stdout } = await promisify(execFile)(`node_modules/.bin/${runtime}`, script, { cwd: root });
  expect(stdout).toBe("127.0.0.1\n127.0.0.1\n::1\n");
});

describe("connections", () => {
  /** Makes a request on a connection that stays open after it. */
  async function ask(socket: Socket): Promise<void> {
    socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
    await once(socket, "data");
  }

  async function open(server: Server): Promise<Socket> {
    const socket = connect(server.port, hostname);
    await once(socket, "connect");
    return socket;
  }

  test("beyond the limit, the connection that has been idle for longest is closed", async () => {
    const server = await serveWith(() => new Response("OK"), { limits: { maxConnections: 2 } });
    const first = await open(server);
    await ask(first);
    const second = await open(server);
    await ask(second);
    await ask(first);
    const closed = once(second, "close");
    const third = await open(server);
    await ask(third);
    await closed;
    await ask(first);
    for (const socket of [first, third]) socket.destroy();
    await server.stop();
  });

  test("beyond the limit, a connection with an incomplete request is closed for a new one (X10)", async () => {
    const server = await serveWith(async (request) => new Response(await request.text()), {
      limits: { maxConnections: 2 },
    });
    const slow = await open(server);
    const begun = "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\nexpect: 100-continue\r\n\r\n";
    slow.write(begun);
    // The server has seen the request.
    await once(slow, "data");
    slow.write("abc");
    const peer = await open(server);
    await ask(peer);
    const closed = once(slow, "close");
    const third = await open(server);
    await ask(third);
    await closed;
    await ask(peer);
    for (const socket of [peer, third]) socket.destroy();
    await server.stop();
  });

  test("beyond the limit, a new connection is closed if all requests have arrived", async () => {
    const released = happening();
    const begun = happening();
    const server = await serveWith(
      async () => {
        begun.happens();
        await released.promise;
        return new Response("OK");
      },
      { limits: { maxConnections: 1 }, stopGraceMs: 30_000 },
    );
    const busy = await open(server);
    const answered = ask(busy);
    await begun.promise;
    const refused = connect(server.port, hostname).on("error", () => {});
    await once(refused, "close");
    released.happens();
    await answered;
    busy.destroy();
    await server.stop();
  });

  test("closeIdle closes those without a request, and others with their response; new ones are served", async () => {
    const released = happening();
    const begun = happening();
    const server = await serveWith(async (request) => {
      if (request.url.endsWith("/wait")) {
        begun.happens();
        await released.promise;
      }
      return new Response("OK");
    });
    const idle = await open(server);
    await ask(idle);
    const busy = await open(server);
    busy.write("GET /wait HTTP/1.1\r\nhost: x\r\n\r\n");
    await begun.promise;
    const closed = once(idle, "close");
    server.closeIdle();
    await closed;
    const ended = once(busy, "close");
    const answer = once(busy, "data");
    released.happens();
    expect(String((await answer)[0])).toMatch(/connection: close/i);
    await ended;
    expect((await fetch(server.url)).status).toBe(200);
    await server.stop();
  });

  test.each([
    [65_536, 4096],
    [1024, 768],
    [256, 128],
    [undefined, 4096],
  ])("with %s files that may be open there are %i", (maxFiles, connections) => {
    expect(defaultMaxConnections(maxFiles)).toBe(connections);
  });
});

describe("stop", () => {
  test("lets a request in flight finish, and accepts no new one", async () => {
    const released = happening();
    const begun = happening();
    const server = await serveWith(
      async () => {
        begun.happens();
        await released.promise;
        return new Response("finished");
      },
      { stopGraceMs: 30_000 },
    );
    const inFlight = fetch(server.url).then((response) => response.text());
    await begun.promise;
    const stopped = server.stop();
    await expect(fetch(server.url)).rejects.toThrow();
    released.happens();
    expect(await inFlight).toBe("finished");
    await stopped;
  });

  test("ends a request that never finishes once the grace is over", async () => {
    const begun = happening();
    const server = await serveWith(() => {
      begun.happens();
      return new Promise(() => {});
    });
    const inFlight = expect(fetch(server.url)).rejects.toThrow();
    await begun.promise;
    await server.stop();
    await inFlight;
  });

  // Node would close such a connection too, but only after five seconds.
  test("closes the connection after the request in flight", { timeout: 4000 }, async () => {
    const begun = happening();
    const released = happening();
    const server = await serveWith(
      async () => {
        begun.happens();
        await released.promise;
        return new Response();
      },
      { stopGraceMs: 30_000 },
    );
    const socket = connect(server.port, hostname);
    const closed = once(socket, "close");
    socket.resume().write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
    await begun.promise;
    const stopped = server.stop();
    released.happens();
    await stopped;
    await closed;
  });

  test("closes a connection that is kept alive for its next request", async () => {
    const server = await serveWith(() => new Response(), { stopGraceMs: 30_000 });
    const socket = connect(server.port, hostname);
    socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
    await once(socket, "data");
    const closed = once(socket, "close");
    await server.stop();
    await closed;
  });

  // The stop would wait for each of them until the grace period ends.
  test("waits for no connection without a whole request", { timeout: 4000 }, async () => {
    const server = await serveWith(() => new Response(), { stopGraceMs: 30_000 });
    const sockets = ["", "GET / HTTP/1.1\r\nho"].map((sent) => {
      const socket = connect(server.port, hostname);
      socket.write(sent);
      return socket;
    });
    await Promise.all(sockets.map((socket) => once(socket, "connect")));
    const closed = sockets.map((socket) => once(socket.resume(), "close"));
    await (await fetch(server.url)).arrayBuffer();
    await server.stop();
    await Promise.all(closed);
  });

  test("may be called again, and frees the port", async () => {
    const server = await serveWith(() => new Response());
    await Promise.all([server.stop(), server.stop()]);
    const next = await serveWith(() => new Response("next"), { port: server.port });
    expect(await (await fetch(next.url)).text()).toBe("next");
    await next.stop();
  });
});
