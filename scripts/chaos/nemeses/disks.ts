import type { ChaosReplica } from "../cluster/replica.ts";
import { idsOf, type Nemesis, type Setting, type World } from "./nemesis.ts";

function fitsSyncs({ disks, tools }: Setting): boolean {
  return disks === "fuse" || tools.has("strace");
}

function slow(kind: Nemesis["kind"], targets: (world: World) => readonly ChaosReplica[]): Nemesis {
  return {
    kind,
    group: "syncs",
    fits: fitsSyncs,
    async run(world) {
      const chosen = targets(world).filter(({ isRunning }) => isRunning);
      const syncDelayMs = world.random.pick([20, 100, 200, 400, 800]);
      world.note(`syncs take ${syncDelayMs} ms longer`);
      const end = world.hit(idsOf(chosen));
      await Promise.all(chosen.map(({ disk, pid }) => disk.slow(pid, syncDelayMs)));
      await world.sleep(world.random.whole(1000, 9000));
      await Promise.all(chosen.map(({ disk, pid }) => disk.slow(pid, 0)));
      end();
    },
  };
}

/** A failed sync must end the process. It is restarted. */
const fails: Nemesis = {
  kind: "disk-fails",
  group: "process",
  weight: 2,
  fits: fitsSyncs,
  async run(world) {
    const replica = world.random.chance(0.4) ? world.leader() : world.random.pick(world.cluster.replicas);
    if (!replica.isRunning) return;
    const error = world.random.pick(["EIO", "ENOSPC"] as const);
    const at = world.random.whole(1, 20);
    world.note(`${error} at sync ${at}`);
    const end = world.hit([replica.id]);
    replica.excuse = `a sync failed with ${error}`;
    await replica.disk.fail(replica.pid, error, at);
    for (let waited = 0; replica.isRunning && waited < 5000; waited += 100) await world.sleep(100);
    await replica.disk.release();
    if (replica.isRunning) await replica.kill();
    replica.excuse = undefined;
    await world.sleep(world.random.whole(0, 1000));
    replica.start();
    await world.up(replica);
    end();
  },
};

const hangs: Nemesis = {
  kind: "disk-hangs",
  group: "process",
  needs: "fuse",
  fits: ({ disks }) => disks === "fuse",
  async run(world) {
    const replica = world.random.chance(0.4) ? world.leader() : world.random.pick(world.cluster.replicas);
    if (!replica.isRunning) return;
    const end = world.hit([replica.id]);
    replica.excuse = "its disk hung";
    await replica.disk.hang();
    replica.disable();
    await world.sleep(world.random.whole(500, 12_000));
    await replica.disk.release();
    replica.enable();
    // It may have stopped using its disk.
    await world.sleep(1000);
    replica.excuse = undefined;
    replica.start();
    await world.up(replica);
    end();
  },
};

/** The disk fills up. The process may end, and continues once there is space again. */
const full: Nemesis = {
  kind: "disk-full",
  group: "process",
  fits: ({ canLimit }) => canLimit,
  async run(world) {
    const replica = world.random.pick(world.cluster.replicas);
    if (!replica.isRunning) return;
    const end = world.hit([replica.id]);
    replica.excuse = "its disk was full";
    await replica.disk.limit(world.random.whole(0, 200_000));
    await world.sleep(world.random.whole(2000, 8000));
    await replica.disk.limit(undefined);
    await world.sleep(500);
    replica.excuse = undefined;
    replica.start();
    await world.up(replica);
    end();
  },
};

export const disks: readonly Nemesis[] = [
  slow("disk-slow-one", ({ cluster, random }) => [random.pick(cluster.replicas)]),
  slow("disk-slow-leader", (world) => [world.leader()]),
  slow("disk-slow-all", ({ cluster }) => cluster.replicas),
  fails,
  hangs,
  full,
];
