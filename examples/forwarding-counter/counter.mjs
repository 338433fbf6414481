// One of three processes that count together, each for all clients: node counter.mjs n1 [nats://127.0.0.1:4222]
import process from "node:process";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { Raft, replicaId, TransportError } from "ruaft";
import { filePersister } from "ruaft/adapters/file";
import { HttpTransport, nodeRequester, rpcPath } from "ruaft/transports/http";

const clusterId = "forwarding-counter";
const peers = new Map([
  [replicaId("n1"), "http://127.0.0.1:9131"],
  [replicaId("n2"), "http://127.0.0.1:9132"],
  [replicaId("n3"), "http://127.0.0.1:9133"],
]);
const [name = "n1", natsUrl] = process.argv.slice(2);
const id = replicaId(name);
const voters = [...peers.keys()];
const app = new Hono();

/** The code below is the same for every transport. */
async function openTransport() {
  if (natsUrl !== undefined) {
    const { NatsTransport } = await import("ruaft/transports/nats");
    return new NatsTransport({ clusterId, self: id, servers: natsUrl });
  }
  const transport = new HttpTransport({ clusterId, self: id, peers, requester: await nodeRequester() });
  app.route(rpcPath, transport.routes);
  return transport;
}

let count = 0;

/** The state machine. It must be deterministic, because every replica applies the same log. */
const stateMachine = {
  apply(command) {
    count += decode(command);
    return count;
  },
  snapshot: () => [encode(count)],
  async restore(chunks) {
    const parts = [];
    for await (const chunk of chunks) parts.push(chunk);
    count = decode(Buffer.concat(parts));
  },
};

const transport = await openTransport();
const persister = filePersister({ directory: `data/${id}`, clusterId, replicaId: id });
const raft = await Raft.start({ id, voters, transport, persister, stateMachine });

/** Answers a request if this replica leads. The request is a number to add, or null to read the count. */
async function answer(request, signal) {
  if (request === null) {
    const authority = await raft.verifyAuthority({ signal });
    return authority.type === "verified" ? { type: "count", count } : { type: authority.type };
  }
  const outcome = await raft.propose(encode(request), { signal });
  return outcome.type === "committed" ? { type: "count", count: outcome.result } : { type: outcome.type };
}

// The service of this application, beside Raft's own, over the same transport: bytes in, bytes out.
await transport.serve("counter", async (_from, payload) =>
  encode(await answer(decode(payload), AbortSignal.timeout(5000))),
);

async function forward(leader, request, signal) {
  return decode(await transport.call(leader, "counter", encode(request), signal));
}

/** Asks the leader, be it this replica or another one, as soon as it is known. */
async function ask(request) {
  const signal = AbortSignal.timeout(5000);
  for await (const { leader } of raft.changes({ signal })) {
    if (leader === undefined) continue;
    try {
      const reply = await (leader === id ? answer(request, signal) : forward(leader, request, signal));
      // A replica that does not lead has not counted: ask the next leader.
      if (reply.type !== "notLeader") return reply;
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      // The leader may have counted before it failed. Sent again, it might count twice: ruaft/kvraft has sessions for that.
      if (request !== null) return { type: "unknown" };
    }
  }
  return { type: "noLeader" };
}

async function respond(c, request) {
  const reply = await ask(request);
  return reply.type === "count" ? c.text(`${reply.count}\n`) : c.text(`${reply.type}\n`, 503);
}

app.post("/add/:amount{-?[0-9]+}", (c) => respond(c, Number(c.req.param("amount"))));
app.get("/", (c) => respond(c, null));

const { hostname, port } = new URL(peers.get(id));
const server = serve({ fetch: app.fetch, hostname, port: Number(port) });

process.once("SIGINT", async () => {
  server.close();
  await raft.kill();
  process.exit();
});

for await (const { leader, term } of raft.changes()) {
  if (leader !== undefined) console.log(`${leader} leads in term ${term}`);
}

function encode(value) {
  return new TextEncoder().encode(JSON.stringify(value));
}

function decode(bytes) {
  return JSON.parse(new TextDecoder().decode(bytes));
}
