import { createServer } from "node:net";

/** Below those that systems give to outgoing connections, of which a load opens and closes many. */
const FIRST = 10_000;
const COUNT = 20_000;

/** Somewhere, so that benches that run at the same time go different ways. */
let next = Math.floor(Math.random() * COUNT);

/** A port of this machine that nobody listens on, and that is not given out again. */
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
