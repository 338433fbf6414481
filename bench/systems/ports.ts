import { createServer } from "node:net";

/** Below the ephemeral ports of outgoing connections, which a load opens and closes in large numbers. */
const FIRST = 10_000;
const COUNT = 20_000;

/** Random, so that concurrent benchmarks use different ports. */
let next = Math.floor(Math.random() * COUNT);

/** Returns a free port of this machine, each only once. */
export async function freePort(): Promise<number> {
  for (let tried = 0; tried < COUNT; tried++) {
    const port = FIRST + (next++ % COUNT);
    if (await isFree(port)) return port;
  }
  throw new Error(`no port from ${FIRST} to ${FIRST + COUNT - 1} is free`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
