import { NatsServer } from "../test/transports/nats-server.ts";
import { freePort } from "./cluster.ts";

export type { NatsServer };

/** Starts a nats-server of its own, and waits until it listens. */
export async function startNats(): Promise<NatsServer> {
  const server = new NatsServer(await freePort());
  await server.start();
  return server;
}
