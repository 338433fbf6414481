// One of three processes that count together: node counter.mjs n1
import process from "node:process";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { Raft, replicaId } from "ruaft";
import { filePersister } from "ruaft/adapters/file";
import { HttpTransport, nodeRequester, rpcPath } from "ruaft/transports/http";

const clusterId = "node-counter";
const peers = new Map([
  [replicaId("n1"), "http://127.0.0.1:9101"],
  [replicaId("n2"), "http://127.0.0.1:9102"],
  [replicaId("n3"), "http://127.0.0.1:9103"],
]);
const id = replicaId(process.argv[2] ?? "n1");
const voters = [...peers.keys()];

let count = 0;

/** The state machine. It must be deterministic, because every replica applies the same log. */
const stateMachine = {
  apply(command) {
    count += Number(new TextDecoder().decode(command));
    return count;
  },
  snapshot: () => [new TextEncoder().encode(`${count}`)],
  async restore(chunks) {
    let text = "";
    for await (const chunk of chunks) text += new TextDecoder().decode(chunk);
    count = Number(text);
  },
};

const transport = new HttpTransport({ clusterId, self: id, peers, requester: await nodeRequester() });
const persister = filePersister({ directory: `data/${id}`, clusterId, replicaId: id });
const raft = await Raft.start({ id, voters, transport, persister, stateMachine });

/** Redirects a request to the leader, as soon as it is known. */
async function toLeader(c) {
  for await (const { leader } of raft.changes({ signal: AbortSignal.timeout(5000) })) {
    if (leader !== undefined) return c.redirect(peers.get(leader) + c.req.path, 307);
  }
  return c.text("there is no leader\n", 503);
}

const app = new Hono();
app.route(rpcPath, transport.routes);

app.post("/add/:amount{-?[0-9]+}", async (c) => {
  const command = new TextEncoder().encode(c.req.param("amount"));
  const outcome = await raft.propose(command, { signal: AbortSignal.timeout(5000) });
  if (outcome.type === "committed") return c.text(`${outcome.result}\n`);
  if (outcome.type === "notLeader") return toLeader(c);
  // Asked again, it might count twice. The sessions of ruaft/kvraft are there for that.
  return c.text(`${outcome.type}\n`, 503);
});

app.get("/", async (c) => {
  const authority = await raft.verifyAuthority({ signal: AbortSignal.timeout(5000) });
  if (authority.type === "verified") return c.text(`${count}\n`);
  return authority.type === "notLeader" ? toLeader(c) : c.text("timeout\n", 503);
});

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
