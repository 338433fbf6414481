import { idsOf, type Nemesis } from "./nemesis.ts";

const offsets = ["+2h", "-3h", "+30h", "-2d", "+400d", "-10y", "+20y"];

/** Wall clocks of some or all replicas jump by hours and years; monotonic ones continue. */
const jump: Nemesis = {
  kind: "clock-jump",
  group: "clock",
  needs: "faketime",
  fits: ({ tools }) => tools.has("faketime"),
  async run(world) {
    const { random, cluster } = world;
    const chosen = random.chance(0.3)
      ? cluster.replicas
      : [random.chance(0.5) ? world.leader() : random.pick(cluster.replicas)];
    const end = world.hit(idsOf(chosen));
    for (const replica of chosen) {
      const offset = random.pick(offsets);
      world.note(`${replica.id} ${offset}`);
      replica.setClock(offset);
    }
    await world.sleep(random.whole(500, 4000));
    if (random.chance(0.5)) for (const replica of chosen) replica.setClock("+0");
    end();
  },
};

export const clocks: readonly Nemesis[] = [jump];
