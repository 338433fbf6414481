import { parseArgs } from "node:util";
import { Cluster } from "../systems/durio.ts";
import { type NatsServer, startNats } from "../systems/nats.ts";
import { Ledger } from "./ledger.ts";

const usage = `Kills the leader with SIGKILL under a load of writes, again and again, and tells how long it took until a write
was acknowledged; then checks that every acknowledged write is there, and none twice.

  npm run bench:failover -- --trials 20 --clients 16
  npm run bench:failover -- --all                         kills all replicas at once
  npm run bench:failover -- --hang                        suspends the leader (SIGSTOP) until a write is acknowledged
  npm run bench:failover -- --transport nats              over a nats-server of its own
  npm run bench:failover -- --nats-killed                 kills the nats-server instead, and starts it again after 3 s
`;

const { values: options } = parseArgs({
  options: {
    trials: { type: "string", default: "20" },
    clients: { type: "string", default: "16" },
    all: { type: "boolean", default: false },
    hang: { type: "boolean", default: false },
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
  await using cluster = await Cluster.start(3, { flags });
  process.exitCode = (await (options.hang ? suspendLeaders(cluster) : killReplicas(cluster))) ? 0 : 1;
}

/** Kills the nats-server for three seconds, in which nobody hears anybody. */
async function killNats(cluster: Cluster, nats: NatsServer): Promise<boolean> {
  const ledger = new Ledger(cluster, Number(options.clients));
  const gaps: number[] = [];
  for (let trial = 1; trial <= Number(options.trials); trial++) {
    await ledger.acknowledgements.more(50);
    const before = ledger.acknowledgements.count;
    await nats[Symbol.asyncDispose]();
    await Bun.sleep(3000);
    await nats.start();
    const gapMs = await gapFrom(performance.now(), ledger);
    gaps.push(gapMs);
    console.log(
      `trial ${trial}: after ${before} writes; a write again ${gapMs.toFixed(0)} ms after it returned`,
    );
  }
  return report(gaps, ledger);
}

async function gapFrom(startMs: number, ledger: Ledger): Promise<number> {
  return (await ledger.acknowledgements.next()) - startMs;
}

async function report(gaps: number[], ledger: Ledger): Promise<boolean> {
  gaps.sort((a, b) => a - b);
  const [median, worst] = [gaps[Math.floor(gaps.length / 2)], gaps.at(-1)];
  console.log(`median ${median?.toFixed(0)} ms, worst ${worst?.toFixed(0)} ms`);
  const { lost, repeated, acknowledged, uncertain } = await ledger.audit();
  console.log(`${acknowledged} acknowledged, ${uncertain} uncertain, ${lost} lost, ${repeated} repeated`);
  return lost === 0 && repeated === 0;
}

async function killReplicas(cluster: Cluster): Promise<boolean> {
  const ledger = new Ledger(cluster, Number(options.clients));
  const gaps: number[] = [];
  for (let trial = 1; trial <= Number(options.trials); trial++) {
    const leader = await cluster.leader();
    await ledger.acknowledgements.more(50);
    const victims = options.all ? cluster.ids : [leader];
    const before = ledger.acknowledgements.count;
    const killedAt = performance.now();
    await Promise.all(victims.map((id) => cluster.kill(id)));
    if (options.all) for (const id of victims) cluster.start(id);
    const gapMs = await gapFrom(killedAt, ledger);
    gaps.push(gapMs);
    console.log(
      `trial ${trial}: killed ${victims.join(" ")} after ${before} writes; a write again in ${gapMs.toFixed(0)} ms`,
    );
    if (!options.all) for (const id of victims) cluster.start(id);
    await ledger.acknowledgements.more(50);
  }
  return report(gaps, ledger);
}

async function suspendLeaders(cluster: Cluster): Promise<boolean> {
  const ledger = new Ledger(cluster, Number(options.clients));
  const gaps: number[] = [];
  for (let trial = 1; trial <= Number(options.trials); trial++) {
    const leader = await cluster.leader();
    await ledger.acknowledgements.more(50);
    const before = ledger.acknowledgements.count;
    const suspendedAt = performance.now();
    cluster.suspend(leader);
    const gapMs = await gapFrom(suspendedAt, ledger);
    gaps.push(gapMs);
    console.log(
      `trial ${trial}: suspended ${leader} after ${before} writes; a write again in ${gapMs.toFixed(0)} ms`,
    );
    cluster.resume(leader);
    await ledger.acknowledgements.more(50);
  }
  return report(gaps, ledger);
}
