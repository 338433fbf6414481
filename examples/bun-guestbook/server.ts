// One of three processes that keep a guestbook: bun server.ts n1
import { Hono } from "hono";
import { replicaId } from "ruaft";
import { sqlitePersister } from "ruaft/adapters/bun-sqlite";
import { KvServer } from "ruaft/kvraft";
import { fetchRequester, HttpTransport, rpcPath } from "ruaft/transports/http";

const clusterId = "bun-guestbook";
const peers = new Map([
  [replicaId("n1"), "http://127.0.0.1:9121"],
  [replicaId("n2"), "http://127.0.0.1:9122"],
  [replicaId("n3"), "http://127.0.0.1:9123"],
]);
const id = replicaId(process.argv[2] ?? "n1");
const voters = [...peers.keys()];

const transport = new HttpTransport({ clusterId, self: id, peers, requester: fetchRequester() });
const persister = sqlitePersister({ file: `data/${id}.sqlite`, clusterId, replicaId: id });
const store = await KvServer.start({ id, voters, transport, persister });
const clerk = store.clerk();

// The application's own routes, and beside them those by which the replicas talk to each other.
const app = new Hono();
app.route(rpcPath, transport.routes);

app.post("/sign/:name", async (c) => {
  const written = await clerk.append("guests", `${c.req.param("name")}\n`);
  return written.type === "written" ? c.text("welcome\n") : c.text(`${written.type}\n`, 503);
});

app.get("/", async (c) => {
  const guests = await clerk.get("guests");
  if (guests.type !== "value") return c.text(`${guests.type}\n`, 503);
  return c.text(new TextDecoder().decode(guests.value));
});

const { hostname, port } = new URL(peers.get(id) ?? "");
const server = Bun.serve({ fetch: app.fetch, hostname, port: Number(port) });

process.once("SIGINT", async () => {
  await server.stop(true);
  await store.kill();
  process.exit();
});

for await (const { leader, term } of store.raft.changes()) {
  if (leader !== undefined) console.log(`${leader} leads in term ${term}`);
}
