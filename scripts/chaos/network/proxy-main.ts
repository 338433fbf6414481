/** Passes on what comes for each route, link by link as cut and as slow as lines of JSON on standard input say. */
import { connect, createServer, type Socket } from "node:net";
import process from "node:process";
import { createInterface } from "node:readline";
import { nameOf } from "./network.ts";
import { Pipe } from "./pipe.ts";
import type { LinkState, Route } from "./proxies.ts";

const routes = JSON.parse(process.argv[2] ?? "[]") as readonly Route[];
const pipes = new Map<string, Pipe>();

function pipe(from: Route["client"], to: Route["client"]): Pipe {
  const name = nameOf({ from, to });
  let found = pipes.get(name);
  if (found === undefined) {
    found = new Pipe();
    pipes.set(name, found);
  }
  return found;
}

function accept({ client, server, target }: Route, near: Socket): void {
  const there = pipe(client, server);
  const back = pipe(server, client);
  const far = connect({ host: "127.0.0.1", port: target, allowHalfOpen: true });
  there.pass(near, far);
  back.pass(far, near);
}

await Promise.all(
  routes.map((route) => {
    const server = createServer({ allowHalfOpen: true }, (near) => accept(route, near));
    return new Promise<void>((resolve) => server.listen(route.port, "127.0.0.1", resolve));
  }),
);
console.log("listening");

createInterface({ input: process.stdin })
  .on("line", (line) => {
    const { from, to, ...state } = JSON.parse(line) as LinkState;
    pipe(from, to).set(state);
  })
  .on("close", () => process.exit(0));
