import process from "node:process";
import { type DevConfig, InvalidConfig } from "./config/index.ts";
import { DevCluster } from "./dev-cluster.ts";
import { exposedBy, natsAddresses } from "./secret/index.ts";
import { onStopSignals, whenParentEnds } from "./stop-signals.ts";

/**
 * Runs a cluster of child processes until a signal ends them all.
 *
 * @param exitWithParent whether to stop when stdin closes
 */
export async function dev(config: DevConfig, exitWithParent: boolean): Promise<void> {
  await stayOnThisMachine(config);
  const cluster = new DevCluster(config);
  const stop = () => cluster.stop().then((graceful) => process.exit(graceful ? 0 : 1));
  onStopSignals({ graceful: stop, forced: () => cluster.kill() });
  if (exitWithParent) whenParentEnds(stop);
  const leader = await cluster.start();
  if (leader !== undefined) console.log(welcome(cluster, leader));
  else if (cluster.startFailed) {
    await cluster.stop();
    process.exit(1);
  }
}

/** A trial cluster has no secret. @throws InvalidConfig if its messages would pass another machine */
async function stayOnThisMachine({ transport, natsUrl }: DevConfig): Promise<void> {
  if (transport !== "nats") return;
  const exposed = await exposedBy(natsAddresses(natsUrl, "--nats-url"));
  if (exposed === undefined) return;
  const { name, hostname, port } = exposed;
  const reason = `${hostname}:${port} is reached from other machines, and a trial cluster has no secret`;
  throw new InvalidConfig([
    `${name}: ${reason}: use a NATS server on loopback, or durio serve --secret-file FILE`,
  ]);
}

/** Suggests commands to try, each on another replica. */
function welcome(cluster: DevCluster, leader: string): string {
  const list = [...cluster.urls.values()];
  const replicas = [...cluster.urls].map(([id, url]) => {
    const row = `  ${id}  ${url}  pid ${cluster.pidOf(id)}`;
    return id === leader ? `${row}  leads` : row;
  });
  const at = (turn: number) => list[turn % list.length] ?? "";
  const post = (turn: number, route: string, value: string) =>
    `  curl -X POST ${at(turn)}/kvstore/${route} -H 'content-type: application/json' -d '{"key":"greeting","value":"${value}"}'`;
  return `
${replicas.join("\n")}

Try, each on another replica:
${post(0, "put", "Hello ")}
  curl ${at(1)}/kvstore/get/greeting
${post(2, "append", "World!")}
  curl ${at(0)}/kvstore/get/greeting
  curl ${at(1)}/status

Kill one (kill -9 ${cluster.pidOf(leader)}) and go on. Ctrl-C stops all.
`;
}
