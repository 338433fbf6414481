import { parseArgs } from "node:util";
import { Connection } from "./connection.ts";
import type { OwnLoadKind } from "./load.ts";
import { type Client, closedLoop, openLoop } from "./loops.ts";
import { openNatsKv } from "./nats-kv.ts";
import { type Request, requestsOf } from "./requests.ts";
import { nowMs } from "./schedule.ts";
import { Tally } from "./tally.ts";

// Runs a load over HTTP; see `Load` for the flags. Prints a `LoadReport` in JSON.
const text = { type: "string", default: "" } as const;
const { values: flags } = parseArgs({
  options: {
    kind: text,
    targets: text,
    clients: text,
    seconds: text,
    warmup: text,
    puts: text,
    "value-bytes": text,
    keys: text,
    rate: text,
    count: text,
    token: text,
  },
});

const number = (name: Exclude<keyof typeof flags, "kind" | "targets" | "token">): number =>
  Number(flags[name]);
const [puts, keys, rate, count] = [number("puts"), number("keys"), number("rate"), number("count")];
const kind = flags.kind as OwnLoadKind;
const requests = requestsOf(kind, number("value-bytes"), flags.token);
let started = 0;

function next(host: string): Request | undefined {
  const n = started++;
  if (count > 0 && n >= count) return undefined;
  return Math.random() < puts ? requests.put(`key-${n % keys}`, host) : requests.get(`key-${n % keys}`, host);
}

const targets = flags.targets.split(",").map((target) => new URL(target));
const shared = kind === "nats-kv" ? await openNatsKv(targets, number("value-bytes")) : [];
const opened = Array.from({ length: number("clients") }, async (_, n): Promise<Client> => {
  const target = targets[n % targets.length] as URL;
  const inUse = shared[n % shared.length];
  if (inUse !== undefined) return { connection: inUse, next: () => next(target.host) };
  const connection = await Connection.open(target, (error) => {
    console.error(error.message);
    process.exit(1);
  });
  return { connection, next: () => next(target.host) };
});
const clients = await Promise.all(opened);

const beginMs = nowMs();
const fromMs = beginMs + (count > 0 ? 0 : number("warmup") * 1000);
const endMs = count > 0 ? Number.POSITIVE_INFINITY : fromMs + number("seconds") * 1000;
const tally = new Tally(fromMs, endMs);
if (rate === 0) {
  await closedLoop(clients, tally);
} else {
  const total = count > 0 ? count : Math.floor((rate * (endMs - beginMs)) / 1000);
  await openLoop(clients, { beginMs, perSecond: rate, total }, tally);
}
console.log(JSON.stringify(tally.report()));
process.exit(0);
