import { inClients } from "../suite.ts";
import type { Goal, Source } from "./measures.ts";
import { olderGoals } from "./older.ts";

/** A limit in one direction. */
type Limit = Pick<Goal, "atLeast" | "atMost" | "ifShort">;

const natsKv = "NATS KV, R3, sync always";
const durioInRust = "durio in Rust";
const shared = "replicas and load share the cores";
const json = "JSON bodies: each value is copied several times";

export const goals: readonly Goal[] = [
  puts(64, { atLeast: 2.5, ifShort: shared }),
  puts(256, { atLeast: 2.8, ifShort: shared }),
  puts(1, { atLeast: 1.5 }),
  puts(8, { atLeast: 2.2 }),
  p99(1, { atMost: 1, ifShort: "the compiler's and collector's threads share the cores" }),
  p99(8, { atMost: 0.7 }),
  p99(64, { atMost: 0.6 }),
  p99(256, { atMost: 0.5 }),
  gets(64, { atLeast: 2.3 }),
  gets(256, { atLeast: 2.5 }),
  getsBeside34(64),
  getsBeside34(256),
  notBuilt("PUT/s over the stream, 64 clients", { atLeast: 6 }),
  notBuilt("… 256 clients", { atLeast: 9 }),
  notBuilt("linearizable GET/s over the stream, 64 clients", { atLeast: 8 }),
  notBuilt("… 256 clients", { atLeast: 15 }),
  notBuilt("PUT/s of 16 KiB, raw bodies, 64 clients", { atLeast: 2 }),
  notBuilt("… of 64 KiB", { atLeast: 1.3 }),
  notBuilt("… of 256 KiB", { atLeast: 1.6 }),
  values("PUT/s of 16 KiB in JSON, 64 clients", "16 KiB", { atLeast: 2, ifShort: json }),
  values("… of 64 KiB", "64 KiB", { atLeast: 1.3, ifShort: json }),
  values("… of 256 KiB", "256 KiB", { atLeast: 1.6, ifShort: json }),
  {
    goal: "… of 256 KiB: resident memory, leader, MiB",
    atMost: 300,
    measure: ({ alone }) => alone("durio", { suite: "values", case: "256 KiB", figure: "leaderMib" }),
    ifShort: json,
  },
  beside("PUT/s, 10 ms per message, 64 clients", delays("10 ms per message"), { atLeast: 1.2 }),
  beside("PUT/s, 5 ms per sync, 64 clients", delays("5 ms per sync"), { atLeast: 2 }),
  other("PUT/s beside NATS KV with syncs, 64 clients", natsKv, ["PUT", 64], 1.7),
  other("… 256 clients", natsKv, ["PUT", 256], 1.2),
  notBuilt("… over the stream", { atLeast: 3 }),
  other("PUT/s beside durio in Rust, without a disk, 64 clients", durioInRust, ["PUT", 64], 5),
  other("GET/s beside durio in Rust, 64 clients", durioInRust, ["GET", 64], 40),
  idle("leader"),
  idle("follower"),
  million("resident memory with a million keys, at the peak of filling, MiB", "filling, 256 clients", {
    figure: "peakMib",
    atMost: 500,
  }),
  million("… after a rest", "filling, 256 clients", { figure: "restedMib", atMost: 300 }),
  million("longest stall with a million keys, with a snapshot, ms", "snapshot", {
    figure: "longestStallMs",
    atMost: 15,
  }),
  cpu("CPU per PUT, 64 clients, leader, µs", "leaderCpuUs", { atMost: 22 }),
  cpu("… follower, µs", "followerCpuUs", { atMost: 7 }),
  notBuilt("CPU per PUT over the stream, leader, µs", { atMost: 8 }),
  notBuilt("… follower, µs", { atMost: 5 }),
  ...olderGoals,
];

function notBuilt(goal: string, limit: Limit): Goal {
  return { goal, ...limit, measure: "not built" };
}

/** durio beside the better etcd. */
function beside(goal: string, source: Source, limit: Limit): Goal {
  return { goal, ...limit, measure: ({ besideEtcd }) => besideEtcd(source) };
}

function puts(clients: number, limit: Limit): Goal {
  const name = inClients(clients);
  return beside(`PUT/s, ${name}`, { suite: "put", case: name }, limit);
}

function p99(clients: number, limit: Limit): Goal {
  const name = inClients(clients);
  return beside(`p99 of PUT, ${name}, ms`, { suite: "put", case: name, figure: "p99Ms" }, limit);
}

function gets(clients: number, limit: Limit): Goal {
  const name = inClients(clients);
  return beside(`linearizable GET/s, ${name}`, { suite: "get", case: name }, limit);
}

function getsBeside34(clients: number): Goal {
  const source = { suite: "get", case: inClients(clients) };
  return {
    goal: `… ${inClients(clients)}, beside etcd 3.4`,
    atLeast: 4,
    measure: (measures) => measures.beside("durio", "etcd 3.4, gRPC", source),
  };
}

function values(goal: string, size: string, limit: Limit): Goal {
  return beside(goal, { suite: "values", case: size }, limit);
}

function delays(delay: string): Source {
  return { suite: "delays", case: `${delay}, 64 clients` };
}

/** Beside a system that is measured only by name. */
function other(goal: string, name: string, load: readonly ["PUT" | "GET", number], atLeast: number): Goal {
  const source = { suite: "others", case: `${load[0]}, ${inClients(load[1])}` };
  return { goal, atLeast, measure: (measures) => measures.beside("durio", name, source) };
}

function idle(role: "leader" | "follower"): Goal {
  const name = `${role}, heartbeats every 100 ms`;
  return beside(
    `CPU of an idle ${role}, heartbeats every 100 ms, %`,
    { suite: "idle", case: name, figure: "cpuPercent" },
    { atMost: 0.9 },
  );
}

function million(
  goal: string,
  name: string,
  { figure, ...limit }: Limit & { readonly figure: string },
): Goal {
  return {
    goal,
    ...limit,
    measure: ({ alone }) => alone("durio", { suite: "million", case: name, figure }),
  };
}

function cpu(goal: string, figure: string, limit: Limit): Goal {
  return {
    goal,
    ...limit,
    measure: ({ alone }) => alone("durio", { suite: "put", case: inClients(64), figure }),
  };
}
