import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import { silentLogger } from "../../src/ports/index.ts";
import { ReportedWait } from "../../transports/nats/reported-wait.ts";
import { unlessClosed } from "../../transports/nats/unless-closed.ts";

describe("attempts to connect, which never end", () => {
  test("leave no listener behind, however they end", async () => {
    const closing = new AbortController();
    const connection = { close: async () => {} };
    expect(await unlessClosed(Promise.resolve(connection), closing.signal)).toBe(connection);
    await expect(unlessClosed(Promise.reject(new Error("refused")), closing.signal)).rejects.toThrow(
      "refused",
    );
    expect(getEventListeners(closing.signal, "abort")).toEqual([]);
  });

  test("end when the transport is closed, and a connection that comes too late is closed", async () => {
    const closing = new AbortController();
    let arrive = (_connection: { close(): Promise<void> }): void => {};
    const connecting = new Promise<{ close(): Promise<void> }>((resolve) => {
      arrive = resolve;
    });
    const waiting = unlessClosed(connecting, closing.signal);
    closing.abort();
    expect(await waiting).toBeUndefined();
    await new Promise<void>((closed) => arrive({ close: async () => closed() }));
  });
});

test("an unchanged reason is logged again as an error with the time that has passed, less and less often", () => {
  let now = 0;
  const lines: string[] = [];
  const say = (text: string, values?: Record<string, unknown>) =>
    lines.push(text.replace(/\{(\w+)\}/g, (_, name: string) => `${values?.[name]}`));
  const wait = new ReportedWait({ ...silentLogger, warn: say, error: say }, () => now);
  for (; now <= 80_000; now += 250) wait.failed("wrong password");
  wait.failed("refused");
  expect(lines).toEqual([
    "waiting for NATS: wrong password",
    "still waiting for NATS after 10 s: wrong password",
    "still waiting for NATS after 30 s: wrong password",
    "still waiting for NATS after 70 s: wrong password",
    "waiting for NATS: refused",
  ]);
});
