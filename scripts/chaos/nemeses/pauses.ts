import type { ChaosReplica } from "../cluster/replica.ts";
import { idsOf, minority, type Nemesis, type World } from "./nemesis.ts";

/** From 0.2 s to 20 s, each order of magnitude equally likely. */
function pauseMs({ random }: World): number {
  return Math.round(200 * 100 ** random.fraction());
}

function pause(kind: Nemesis["kind"], targets: (world: World) => readonly ChaosReplica[]): Nemesis {
  return {
    kind,
    group: "pause",
    fits: () => true,
    async run(world) {
      const chosen = targets(world).filter(({ isRunning, isPaused }) => isRunning && !isPaused);
      const end = world.hit(idsOf(chosen));
      for (const replica of chosen) replica.pause();
      await world.sleep(pauseMs(world));
      for (const replica of chosen) replica.resume();
      end();
    },
  };
}

const natsPaused: Nemesis = {
  kind: "nats-paused",
  group: "nats",
  needs: "nats",
  fits: ({ transport }) => transport === "nats",
  async run(world) {
    const end = world.hit([]);
    world.cluster.nats?.pause();
    await world.sleep(world.random.whole(300, 6000));
    world.cluster.nats?.resume();
    end();
  },
};

const natsKilled: Nemesis = {
  kind: "nats-killed",
  group: "nats",
  needs: "nats",
  fits: ({ transport }) => transport === "nats",
  async run(world) {
    const end = world.hit([]);
    await world.cluster.nats?.kill();
    await world.sleep(world.random.whole(0, 4000));
    await world.cluster.nats?.start();
    end();
  },
};

export const pauses: readonly Nemesis[] = [
  pause("pause-one", ({ cluster, random }) => [random.pick(cluster.replicas)]),
  pause("pause-leader", (world) => [world.leader()]),
  pause("pause-majority", ({ cluster, random }) =>
    random.sample(cluster.replicas, minority(cluster.replicas.length) + 1),
  ),
  natsPaused,
  natsKilled,
];
