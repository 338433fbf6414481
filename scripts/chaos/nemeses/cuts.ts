import type { ReplicaId } from "../matrix.ts";
import { type Endpoint, type Link, linksBetween } from "../network/index.ts";
import { idsOf, minority, type Nemesis, type World } from "./nemesis.ts";

interface Cut {
  readonly links: readonly Link[];
  /** The replicas that are cut off. */
  readonly targets: readonly ReplicaId[];
}

/** Over NATS, a replica's only link is to the server. */
function apart(world: World, targets: readonly ReplicaId[]): Cut {
  const others: readonly Endpoint[] =
    world.cluster.part.transport === "nats" ? ["nats"] : allIds(world).filter((id) => !targets.includes(id));
  return { links: linksBetween(targets, others), targets };
}

function halves(world: World): Cut {
  const ids = allIds(world);
  return apart(world, world.random.sample(ids, world.random.whole(1, minority(ids.length))));
}

/** Cuts one direction of one replica: to or from all others, or to or from one. */
function oneWay(world: World): Cut {
  const target = world.random.chance(0.5) ? world.leader().id : world.random.pick(allIds(world));
  const direction = world.random.chance(0.5) ? "from" : "to";
  const { links } = apart(world, [target]);
  const own = links.filter((link) => link[direction] === target);
  return { links: world.random.chance(0.5) ? own : [world.random.pick(own)], targets: [target] };
}

/** Each replica reaches only its two neighbours. */
function ring(world: World): Cut {
  const ids = allIds(world);
  const links = ids.flatMap((id, at) => {
    const far = ids.filter(
      (_, other) => ![0, 1, ids.length - 1].includes((other - at + ids.length) % ids.length),
    );
    return far.map((to) => ({ from: id, to }));
  });
  return { links, targets: ids };
}

function cut(
  kind: Nemesis["kind"],
  draw: (world: World) => Cut,
  fits: Nemesis["fits"] = () => true,
): Nemesis {
  return {
    kind,
    group: "links",
    fits,
    async run(world) {
      const { links, targets } = draw(world);
      const end = world.hit(targets);
      world.cut(links);
      await world.sleep(world.random.whole(500, 9000));
      world.heal(links);
      end();
    },
  };
}

const flapping: Nemesis = {
  kind: "cut-flapping",
  group: "links",
  fits: () => true,
  async run(world) {
    const { links, targets } = world.random.chance(0.5)
      ? halves(world)
      : apart(world, idsOf([world.leader()]));
    const end = world.hit(targets);
    for (let times = world.random.whole(3, 10); times > 0; times--) {
      world.cut(links);
      await world.sleep(world.random.whole(50, 900));
      world.heal(links);
      await world.sleep(world.random.whole(50, 900));
    }
    end();
  },
};

const slowLinks: Nemesis = {
  kind: "slow-links",
  group: "links",
  weight: 3,
  fits: ({ links }) => links === "proxied",
  async run(world) {
    const { cluster, random } = world;
    const targets = random.chance(0.3) ? allIds(world) : [random.pick(allIds(world))];
    const others: readonly Endpoint[] = cluster.part.transport === "nats" ? ["nats"] : allIds(world);
    const links = linksBetween(targets, others);
    const speed = { delayMs: random.whole(0, 60), bytesPerSecond: random.pick([1, 2, 4, 10]) * 500_000 };
    world.note(`${speed.delayMs} ms in each direction, ${speed.bytesPerSecond / 1000} kB/s`);
    const end = world.hit(targets);
    cluster.network.slow(links, speed);
    await world.sleep(random.whole(2000, 10_000));
    cluster.network.slow(links, undefined);
    end();
  },
};

function allIds({ cluster }: World): ReplicaId[] {
  return idsOf(cluster.replicas);
}

export const cuts: readonly Nemesis[] = [
  cut("cut-halves", halves),
  cut("cut-leader", (world) => apart(world, idsOf([world.leader()]))),
  cut("cut-one-way", oneWay),
  cut("cut-ring", ring, ({ replicas, transport }) => replicas > 3 && transport === "http"),
  flapping,
  slowLinks,
];
