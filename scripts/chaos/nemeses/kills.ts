import type { ChaosReplica } from "../cluster/replica.ts";
import { idsOf, minority, type Nemesis, type World } from "./nemesis.ts";

type Targets = (world: World) => readonly ChaosReplica[];

const one: Targets = ({ cluster, random }) => [random.pick(cluster.replicas)];
const leader: Targets = (world) => [world.leader()];
const majority: Targets = ({ cluster, random }) =>
  random.sample(cluster.replicas, minority(cluster.replicas.length) + 1);
const all: Targets = ({ cluster }) => cluster.replicas;

/** Kills processes and restarts them. */
function kill(kind: Nemesis["kind"], targets: Targets): Nemesis {
  return {
    kind,
    group: "process",
    fits: () => true,
    async run(world) {
      const chosen = targets(world).filter(({ isRunning }) => isRunning);
      const end = world.hit(idsOf(chosen));
      await Promise.all(chosen.map((replica) => replica.kill()));
      await restart(world, chosen);
      end();
    },
  };
}

/** Power failure: what was not synced is lost entirely or in part. */
function losePower(kind: Nemesis["kind"], targets: Targets): Nemesis {
  return {
    kind,
    group: "process",
    needs: "fuse",
    fits: ({ disks }) => disks === "fuse",
    async run(world) {
      const chosen = targets(world).filter(({ isRunning }) => isRunning);
      const end = world.hit(idsOf(chosen));
      await Promise.all(chosen.map((replica) => replica.losePower(world.random.whole(0, 2 ** 31))));
      await restart(world, chosen);
      end();
    },
  };
}

async function restart(world: World, replicas: readonly ChaosReplica[]): Promise<void> {
  await world.sleep(world.random.whole(200, 3000));
  for (const replica of replicas) {
    replica.start();
    await world.sleep(world.random.whole(0, 300));
  }
  await Promise.all(replicas.map((replica) => world.up(replica)));
}

/** Shuts each replica down gracefully in turn and restarts it. */
const rollingRestart: Nemesis = {
  kind: "rolling-restart",
  group: "process",
  fits: () => true,
  async run(world) {
    for (const replica of world.random.sample(world.cluster.replicas, world.cluster.replicas.length)) {
      if (!replica.isRunning) continue;
      const end = world.hit([replica.id]);
      await replica.stop();
      replica.start();
      await world.up(replica);
      end();
      await world.sleep(500);
    }
  },
};

export const kills: readonly Nemesis[] = [
  kill("kill-one", one),
  kill("kill-leader", leader),
  kill("kill-majority", majority),
  kill("kill-all", all),
  losePower("power-one", one),
  losePower("power-majority", majority),
  losePower("power-all", all),
  rollingRestart,
];
