import { parseArgs } from "node:util";
import { Cluster } from "./cluster.ts";
import { Ledger } from "./ledger.ts";

const usage = `Kills the leader with SIGKILL under a load of writes, again and again, and tells how long it took until a write
was acknowledged; then checks that every acknowledged write is there, and none twice.

  npm run bench:failover -- --trials 20 --clients 16 --all    (--all kills all replicas at once)
`;

const { values: options } = parseArgs({
  options: {
    trials: { type: "string", default: "20" },
    clients: { type: "string", default: "16" },
    all: { type: "boolean", default: false },
    "compact-log-mib": { type: "string" },
    help: { type: "boolean", default: false },
  },
});

if (options.help) {
  console.log(usage);
} else {
  const flags =
    options["compact-log-mib"] === undefined ? [] : ["--compact-log-mib", options["compact-log-mib"]];
  await using cluster = await Cluster.start(3, flags);
  process.exitCode = (await run(cluster)) ? 0 : 1;
}

async function run(cluster: Cluster): Promise<boolean> {
  const ledger = new Ledger(cluster, Number(options.clients));
  const gaps: number[] = [];
  for (let trial = 1; trial <= Number(options.trials); trial++) {
    const leader = await cluster.leader();
    await ledger.acknowledgedMore(50);
    const victims = options.all ? cluster.ids : [leader];
    const before = ledger.acknowledged;
    const killedAt = performance.now();
    await Promise.all(victims.map((id) => cluster.kill(id)));
    if (options.all) for (const id of victims) cluster.start(id);
    const gapMs = (await ledger.nextAcknowledgement()) - killedAt;
    gaps.push(gapMs);
    console.log(
      `trial ${trial}: killed ${victims.join(" ")} after ${before} writes; a write again in ${gapMs.toFixed(0)} ms`,
    );
    if (!options.all) for (const id of victims) cluster.start(id);
    await ledger.acknowledgedMore(50);
  }
  gaps.sort((a, b) => a - b);
  console.log(
    `median ${gaps[Math.floor(gaps.length / 2)]?.toFixed(0)} ms, worst ${gaps.at(-1)?.toFixed(0)} ms`,
  );
  const { lost, repeated, acknowledged, uncertain } = await ledger.audit();
  console.log(`${acknowledged} acknowledged, ${uncertain} uncertain, ${lost} lost, ${repeated} repeated`);
  return lost === 0 && repeated === 0;
}
