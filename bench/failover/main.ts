import { parseArgs } from "node:util";
import { Cluster, type DurioRuntime } from "../systems/durio.ts";
import { Links } from "../systems/links.ts";
import { type NatsServer, startNats } from "../systems/nats.ts";
import { cut, type Fault, hang, kill, killAll, stop } from "./faults.ts";
import { Ledger } from "./ledger.ts";
import { putDurio, Writers } from "./writers.ts";

const usage = `Kills the leader with SIGKILL under a load of writes, in several trials. Prints the time until the next acknowledged write, for
clients that use any replica and for one that uses a follower only. Then checks that every acknowledged write took effect once.

  npm run bench:failover -- --trials 20 --clients 16
  npm run bench:failover -- --all                         kills all replicas at once
  npm run bench:failover -- --hang                        suspends the leader (SIGSTOP) until a write is acknowledged
  npm run bench:failover -- --cut                         cuts the leader off from the others (TCP proxies) until then
  npm run bench:failover -- --stop                        shuts the leader down (SIGTERM) during 50 incomplete uploads;
                                                          prints the longest time without an acknowledged write
  npm run bench:failover -- --runtime node                on Node (after npm run build) or Deno
  npm run bench:failover -- --transport nats              over its own nats-server
  npm run bench:failover -- --nats-killed                 kills the nats-server instead, for 3 s
`;

const { values: options } = parseArgs({
  options: {
    trials: { type: "string", default: "20" },
    clients: { type: "string", default: "16" },
    all: { type: "boolean", default: false },
    hang: { type: "boolean", default: false },
    cut: { type: "boolean", default: false },
    stop: { type: "boolean", default: false },
    runtime: { type: "string", default: "bun" },
    transport: { type: "string", default: "http" },
    "nats-killed": { type: "boolean", default: false },
    "compact-log-mib": { type: "string" },
    help: { type: "boolean", default: false },
  },
});

if (options.help) {
  console.log(usage);
} else if (options["nats-killed"]) {
  await using nats = await startNats();
  await using cluster = await Cluster.start(3, { flags: ["--transport", "nats", "--nats-url", nats.url] });
  process.exitCode = (await killNats(cluster, nats)) ? 0 : 1;
} else {
  await using nats = options.transport === "nats" ? await startNats() : undefined;
  const flags = ["--transport", options.transport];
  if (nats !== undefined) flags.push("--nats-url", nats.url);
  const compact = options["compact-log-mib"];
  if (compact !== undefined) flags.push("--compact-log-mib", compact);
  await using disposables = new AsyncDisposableStack();
  let links: Links | undefined;
  const linked = async (urls: ReadonlyMap<string, URL>) => {
    links = disposables.use(await Links.between(urls));
    return links;
  };
  const cluster = disposables.use(
    await Cluster.start(3, { flags, runtime: runtimeOf(options.runtime), ...(options.cut && { linked }) }),
  );
  process.exitCode = (await tryAll(cluster, faultOf(cluster, links))) ? 0 : 1;
}

function runtimeOf(name: string): DurioRuntime {
  if (name === "bun" || name === "node" || name === "deno") return name;
  throw new RangeError(`--runtime: bun, node or deno, not ${name}`);
}

function faultOf(cluster: Cluster, links: Links | undefined): Fault {
  if (links !== undefined) return cut(links);
  if (options.all) return killAll(cluster);
  if (options.hang) return hang(cluster);
  return options.stop ? stop(cluster) : kill(cluster);
}

/** Kills the nats-server for three seconds, during which no message arrives. */
async function killNats(cluster: Cluster, nats: NatsServer): Promise<boolean> {
  const ledger = new Ledger(cluster, Number(options.clients));
  const gaps: number[] = [];
  for (let trial = 1; trial <= Number(options.trials); trial++) {
    await ledger.acknowledgements.more(50);
    const before = ledger.acknowledgements.count;
    await nats[Symbol.asyncDispose]();
    await Bun.sleep(3000);
    await nats.start();
    const returnedAt = performance.now();
    const gapMs = (await ledger.acknowledgements.next()) - returnedAt;
    gaps.push(gapMs);
    console.log(
      `trial ${trial}: after ${before} writes; a write succeeded ${gapMs.toFixed(0)} ms after its return`,
    );
  }
  console.log(summary(gaps));
  return audit(ledger);
}

async function tryAll(cluster: Cluster, fault: Fault): Promise<boolean> {
  const ledger = new Ledger(cluster, Number(options.clients));
  const roaming: number[] = [];
  const staying: number[] = [];
  for (let trial = 1; trial <= Number(options.trials); trial++) {
    const leader = await cluster.leader();
    const follower = await cluster.follower();
    await using writer = new Writers({
      ...{ count: 1, targets: [cluster.url(follower)], put: putDurio, timeoutMs: 10_000 },
    });
    await Promise.all([ledger.acknowledgements.more(50), writer.acknowledgements.more(5)]);
    const [gapMs, stayingMs] = await gapsOf(fault, leader, [ledger, writer]);
    roaming.push(gapMs);
    staying.push(stayingMs);
    console.log(
      `trial ${trial}: ${fault.done(leader)}; a write succeeded after ${gapMs.toFixed(0)} ms, at ${follower} after ${stayingMs.toFixed(0)} ms`,
    );
    await ledger.acknowledgements.more(50);
  }
  console.log(`any replica: ${summary(roaming)}`);
  console.log(`follower only: ${summary(staying)}`);
  return audit(ledger);
}

/** Returns the time without an acknowledged write for each of two kinds of clients, in ms. */
async function gapsOf(
  fault: Fault,
  leader: string,
  clients: readonly [Pick<Writers, "acknowledgements">, Pick<Writers, "acknowledgements">],
): Promise<[number, number]> {
  const [roaming, staying] = [clients[0].acknowledgements, clients[1].acknowledgements];
  roaming.restart();
  staying.restart();
  const startedAt = performance.now();
  await fault.begin(leader);
  if (fault.isOrderly) {
    await fault.end(leader);
    await Promise.all([roaming.more(20), staying.more(5)]);
    return [roaming.longestMs, staying.longestMs];
  }
  const [roamingAt, stayingAt] = await Promise.all([roaming.next(), staying.next()]);
  await fault.end(leader);
  return [roamingAt - startedAt, stayingAt - startedAt];
}

function summary(gaps: readonly number[]): string {
  const sorted = [...gaps].sort((a, b) => a - b);
  const [median, worst] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
  return `median ${median?.toFixed(0)} ms, worst ${worst?.toFixed(0)} ms`;
}

async function audit(ledger: Ledger): Promise<boolean> {
  const { lost, repeated, acknowledged, uncertain } = await ledger.audit();
  console.log(`${acknowledged} acknowledged, ${uncertain} uncertain, ${lost} lost, ${repeated} repeated`);
  return lost === 0 && repeated === 0;
}
