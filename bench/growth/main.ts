import { parseArgs } from "node:util";
import type { Figures } from "../suite.ts";
import { keysFigures, sessionsFigures } from "./store-growth.ts";

/** What grows. */
export type Growing = "keys" | "sessions";

// Measures the store alone, in this process: `keys --count 1000`. Prints the figures in JSON.
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { count: { type: "string", default: "1000" } },
});

const measures: Readonly<Record<Growing, (count: number) => Figures>> = {
  keys: keysFigures,
  sessions: sessionsFigures,
};

const [growing = ""] = positionals;
if (growing !== "keys" && growing !== "sessions") throw new TypeError(`keys or sessions, not ${growing}`);
console.log(JSON.stringify(measures[growing](Number(options.count))));
