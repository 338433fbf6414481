import { connect } from "nats";
import { NatsServer } from "../../bench/systems/nats-server.ts";
import type { ReplicaId } from "../../src/raft/index.ts";
import type { TransportFixture } from "../../src/testing/conformance/transport/index.ts";
import { NatsTransport } from "../../transports/nats/index.ts";
import { freePorts } from "../durio/processes.ts";

const clusterId = "conformance";

/** Three transports on their own nats-server. */
export async function natsFixture(): Promise<TransportFixture> {
  const [port = 0] = await freePorts(1);
  const server = new NatsServer(port);
  await server.start();
  const servers = server.url;
  const up = new Map<ReplicaId, NatsTransport>();
  const stop = async (id: ReplicaId): Promise<void> => {
    await up.get(id)?.[Symbol.asyncDispose]();
    up.delete(id);
  };

  return {
    clusterId,
    async start(self, sealing) {
      const transport = new NatsTransport({ clusterId, self, servers, ...sealing });
      up.set(self, transport);
      await transport.connected;
      return transport;
    },
    stop,
    async sendRaw(to, service, bytes) {
      const connection = await connect({ servers });
      const { data } = await connection.request(`ruaft.${clusterId}.0.${to}.${service}`, bytes, {
        timeout: 5000,
      });
      await connection.close();
      return data;
    },
    async assertNothingOpen() {
      const connection = await connect({ servers });
      const { client_id: clients = 0 } = connection.info ?? {};
      await connection.close();
      if (up.size > 0) throw new Error(`${up.size} of ${clients} transports were not stopped`);
    },
    async [Symbol.asyncDispose]() {
      for (const id of up.keys()) await stop(id);
      await server[Symbol.asyncDispose]();
    },
  };
}
