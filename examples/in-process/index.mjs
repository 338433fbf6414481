import { replicaId } from "ruaft";
import { memoryPersister } from "ruaft/adapters/memory";
import { KvServer } from "ruaft/kvraft";
import { LoopbackNetwork } from "ruaft/transports/loopback";

const clusterId = "example";
const voters = ["n1", "n2", "n3"].map(replicaId);
const network = new LoopbackNetwork({ clusterId });
const servers = new Map();
for (const id of voters) {
  const persister = memoryPersister({ clusterId, replicaId: id });
  servers.set(id, await KvServer.start({ id, voters, transport: network.transport(id), persister }));
}

const clerk = servers.get("n1").clerk();
await clerk.put("greeting", "Hello ");
await clerk.append("greeting", "World!");
const { value } = await clerk.get("greeting");
console.log(new TextDecoder().decode(value)); // Hello World!

for (const server of servers.values()) await server.kill();
