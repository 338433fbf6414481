import { atEnd } from "./children.ts";
import { NatsServer } from "./nats-server.ts";
import { freePort } from "./ports.ts";

export type { NatsServer };

/** Starts a nats-server and waits until it listens. */
export async function startNats(): Promise<NatsServer> {
  const server = new NatsServer(await freePort());
  atEnd(() => server.signal("SIGKILL"));
  await server.start();
  return server;
}
