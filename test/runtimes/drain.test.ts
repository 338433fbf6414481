import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runtimes } from "../../scripts/runtimes/matrix.ts";
import { eventually, freePorts, leaderOf, Plan, Workshop, write } from "../durio/processes.ts";

let workshop: Workshop;
let plan: Plan;
const sockets: Socket[] = [];
beforeEach(async () => {
  workshop = await Workshop.open();
  plan = new Plan(await freePorts(3));
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await workshop[Symbol.asyncDispose]();
});

async function send(url: string, bytes: string): Promise<void> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname).on("error", () => {});
  sockets.push(socket);
  await once(socket, "connect");
  socket.write(bytes);
}

/** Requests that clients began and never end. */
const unfinished = [
  "",
  "GET /healthz HTTP/1.1\r\nHo",
  "POST /kvstore/put HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\nabc",
  "POST /kvstore/put HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
  "POST /rpc/raft HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/vnd.ruaft\r\nContent-Length: 1000000\r\n\r\nabc",
];

test.each(runtimes)(
  "on %s a leader that is stopped hands over and shuts down gracefully, despite incomplete requests",
  async (runtime) => {
    const replicas = await Promise.all(
      plan.urls.map((url, turn) =>
        workshop.serveWith({ runtime }, url, ...plan.flags(turn), "--persister", "memory"),
      ),
    );
    const leader = await leaderOf(plan.urls);
    const url = plan.url(leader);
    await Promise.all(Array.from({ length: 10 }, () => unfinished.map((bytes) => send(url, bytes))).flat());
    const stopped = replicas[leader]?.kill("SIGTERM");
    // Every response in the meantime says that the write was made, or that it certainly was not.
    for (let n = 0; ; n++) {
      const answer = await write(url, "put", `k${n}`, "v").catch(() => undefined);
      if (answer === undefined) break;
      if (!answer.ok) expect(await answer.json()).toMatchObject({ status: 503, outcome: "none" });
    }
    expect(await stopped).toEqual({ code: 0, signal: null });
    expect(replicas[leader]?.stderr).not.toContain("by force");
    await eventually(async () => (await write(plan.url(leader + 1), "put", "after", "v")).ok);
  },
);
