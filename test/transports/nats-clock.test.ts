import { afterEach, expect, test, vi } from "vitest";
import { NatsServer } from "../../bench/systems/nats-server.ts";
import { silentLogger } from "../../src/ports/index.ts";
import { ReconnectingConnection } from "../../transports/nats/connection.ts";
import { reconnectDelay } from "../../transports/nats/reconnect-delay.ts";
import { freePorts } from "../durio/processes.ts";

const DAY_MS = 24 * 3600 * 1000;

afterEach(() => vi.restoreAllMocks());

test("attempts to reach a server wait for the delay, except one in every two delays", () => {
  let now = 1000;
  const delay = reconnectDelay(250, () => now);
  const delays = Array.from({ length: 5 }, () => {
    now += 200;
    return delay();
  });
  expect(delays).toEqual([250, 250, Number.NEGATIVE_INFINITY, 250, 250]);
});

test("a connection finds a server again that went away while the wall clock was set back by days", async () => {
  const [port = 0] = await freePorts(1);
  await using server = new NatsServer(port);
  await server.start();
  let settled = () => {};
  const back = () =>
    new Promise<void>((resolve) => {
      settled = resolve;
    });
  const first = back();
  const handlers = { connected: async () => {}, settled: async () => settled(), lost: () => {} };
  await using reconnecting = new ReconnectingConnection(
    { servers: server.url, pingIntervalMs: 300, logger: silentLogger },
    handlers,
  );
  await first;
  const realNow = Date.now.bind(Date);
  vi.spyOn(Date, "now").mockImplementation(() => realNow() - 2 * DAY_MS);
  const again = back();
  await server[Symbol.asyncDispose]();
  await server.start();
  await again;
  expect(reconnecting.connection.isClosed()).toBe(false);
});
