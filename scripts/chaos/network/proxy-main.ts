/** Forwards the data of each route. JSON lines on standard input cut links or make them slow. */
import process from "node:process";
import { createInterface } from "node:readline";
import { LinkProxies, type Route } from "../../../bench/systems/link-proxies.ts";
import type { LinkState } from "./proxies.ts";

const routes = JSON.parse(process.argv[2] ?? "[]") as readonly Route[];
const proxies = await LinkProxies.open(routes);
console.log("listening");

createInterface({ input: process.stdin })
  .on("line", (line) => {
    const { from, to, ...state } = JSON.parse(line) as LinkState;
    proxies.pipe(from, to).set(state);
  })
  .on("close", () => process.exit(0));
