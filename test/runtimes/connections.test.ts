import { readdirSync, readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Durio, eventually, freePorts, leaderOf, Plan, Workshop } from "../durio/processes.ts";
import { rawRequest, request } from "./raw-http.ts";

const maxFiles = 1024;
/** As docs/http.md has it. */
const maxConnections = maxFiles - 256;
const connections = 1500;

const ownMaxFiles = Number(
  /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1] ?? 0,
);
const mayOpen = ownMaxFiles > 2 * connections + 500;

let workshop: Workshop;
let plan: Plan;
const clients: Socket[] = [];
beforeEach(async () => {
  workshop = await Workshop.open();
  plan = new Plan(await freePorts(3));
});
afterEach(async () => {
  for (const socket of clients.splice(0)) socket.destroy();
  await workshop[Symbol.asyncDispose]();
});

/** The bytes that the first clients send: none, or half a head. */
const silent = ["", "GET /healthz HTTP/1.1\r\nHo"];

/** All other connections get half a body of a client's or a peer's request, so that none is idle at the end. */
const halfSent = [
  "POST /kvstore/put HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\nabc",
  "POST /rpc/raft HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/vnd.ruaft\r\nContent-Length: 5000\r\n\r\nabc",
];

/** Resolves when the client is connected or refused. */
function client(url: string, beginning: string): Promise<void> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  clients.push(socket);
  socket
    .on("error", () => {})
    .resume()
    .write(beginning);
  return new Promise((resolve) => {
    socket.once("connect", () => resolve()).once("close", () => resolve());
  });
}

interface Status {
  readonly term: number;
  readonly role: string;
}

/** Over a separate connection. */
async function ask(url: string, line: string, body = ""): Promise<string> {
  const headers = { Host: new URL(url).host, "Content-Type": "application/json" };
  const answer = await rawRequest(url, request(line, headers, body));
  expect(answer.status).toBe(200);
  return answer.body;
}

async function statusOf(url: string): Promise<Status> {
  return JSON.parse(await ask(url, "GET /status")) as Status;
}

// Bun has no limit for connections (docs/http.md).
test.skipIf(!mayOpen).each(["node", "deno"] as const)(
  `on %s 1,500 connections that send nothing, or slowly, at the leader and at a follower cost neither its place (X10)${mayOpen ? "" : ": needs more open files"}`,
  async (runtime) => {
    const under = ["sh", "-c", `ulimit -n ${maxFiles}; exec "$@"`, "sh"];
    const replicas = await Promise.all(
      plan.urls.map((url, turn) =>
        workshop.serveWith(
          { runtime, under },
          url,
          ...[...plan.flags(turn), "--segment-mib", "1", "--compact-log-mib", "2"],
          ...["--request-timeout-ms", "60000", "--election-timeout-ms", "2000-4000"],
        ),
      ),
    );
    const leader = await leaderOf(plan.urls);
    const attacked = [leader, leader + 1].map((turn) => ({
      url: plan.url(turn),
      replica: replicas[turn % 3] as Durio,
    }));
    const { term } = await statusOf(plan.url(leader));

    for (const { url } of attacked) {
      for (let n = 0; n < connections; n++) await client(url, (n < 300 ? silent : halfSent)[n % 2] ?? "");
    }
    expect(clients.filter(({ closed }) => !closed).length).toBeGreaterThan(maxConnections);
    // Files are opened all along: segments of the log, and snapshots.
    const value = "v".repeat(256 * 1024);
    for (let n = 0; n < 24; n++) {
      for (const socket of clients) if (socket.writable) socket.write("x");
      for (const { url, replica } of attacked) {
        await ask(url, "POST /kvstore/put", JSON.stringify({ key: `k${n % 4}`, value }));
        expect(readdirSync(`/proc/${replica.pid}/fd`).length).toBeLessThan(maxFiles);
      }
    }
    await eventually(() => clients.filter(({ closed }) => !closed).length <= 2 * maxConnections);
    expect(await statusOf(plan.url(leader))).toMatchObject({ term, role: "leader" });
    for (const { stderr } of replicas) expect(stderr).not.toMatch(/file descriptor|EMFILE/);
  },
);
