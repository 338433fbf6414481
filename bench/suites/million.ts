import { runLoad } from "../load/load.ts";
import { recordSnapshot } from "../million/snapshot.ts";
import { alternate, type Figures, inWords, type Result, type Run, type Suite } from "../suite.ts";
import { Cluster } from "../systems/durio.ts";
import { residentMib } from "../systems/process-figures.ts";
import { contenders, figuresOf } from "./questions.ts";
import { restart, start } from "./restarts.ts";

/** So much that snapshots are taken while a million keys are filled in, and one more soon after. */
const COMPACT_MIB_PER_MILLION = 52;

const filling = { kind: "durio", clients: 256, seconds: 0, puts: 1 } as const;

export const millionSuite: Suite = {
  name: "million",
  about: "three replicas with a million keys of 100 B (100,000 if quick): speed, snapshots, memory, restart",
  async run(run: Run): Promise<readonly Result[]> {
    const keys = run.quick ? 100_000 : 1_000_000;
    await using few = await Cluster.start(3);
    await using many = await Cluster.start(3, {
      flags: ["--compact-log-mib", String(Math.round((COMPACT_MIB_PER_MILLION * keys) / 1_000_000))],
    });
    await runLoad({ ...filling, targets: [few.url(await few.leader())], keys: 1, count: keys / 10 });
    const emptyMib = residentMib(many.pid(await many.leader()));
    return [
      ...(await fillAndCatchUp(many, keys, run)),
      ...(await compareSpeed(few, many, keys, run)),
      ...(await snapshot(many, keys, run)),
      told(run, "memory", await memory(many, keys, emptyMib)),
      ...(await alternate(run, "million", "restart, from a snapshot", [restart("durio", many)])),
    ];
  },
};

/** A replica that was away while all was written has nothing of it, as an empty one. */
async function fillAndCatchUp(many: Cluster, keys: number, run: Run): Promise<Result[]> {
  const absent = await many.follower();
  await many.kill(absent);
  const targets = [many.url(await many.leader())];
  const filled = figuresOf(await runLoad({ ...filling, targets, keys, count: keys }));
  return [
    told(run, "filling, 256 clients, two replicas", filled),
    told(run, "catch-up, by a snapshot", await start(many, absent)),
  ];
}

async function compareSpeed(few: Cluster, many: Cluster, keys: number, run: Run): Promise<Result[]> {
  const results: Result[] = [];
  for (const [what, puts] of [["PUT", 1] as const, ["GET", 0] as const]) {
    const asking = (name: string, cluster: Cluster, keys: number) =>
      contenders(run, [{ name, cluster, kind: "durio", to: "leader" }], { clients: 64, puts, keys });
    const both = [...asking("one key", few, 1), ...asking("all keys", many, keys)];
    for (const { contender, rounds } of await alternate(run, "million", what, both)) {
      results.push({ suite: "million", case: `${what}, ${contender}`, contender: "durio", rounds });
    }
  }
  return results;
}

async function snapshot(many: Cluster, keys: number, run: Run): Promise<Result[]> {
  const { snapshotMs, before, during } = await recordSnapshot(many, keys);
  return [
    told(run, "PUT, 64 clients and 8 that GET", before.put),
    told(run, "PUT, snapshot under way", during.put),
    told(run, "GET, 8 clients and 64 that PUT", before.get),
    told(run, "GET, snapshot under way", during.get),
    told(run, "snapshot", {
      longestStallMs: during.longestStallMs,
      longestStallBeforeMs: before.longestStallMs,
      snapshotMs,
    }),
  ];
}

async function memory(many: Cluster, keys: number, emptyMib: number): Promise<Figures> {
  const [leaderMib, followerMib] = [await many.leader(), await many.follower()].map((id) =>
    residentMib(many.pid(id)),
  );
  const perKey = (mib = 0) => ((mib - emptyMib) * 2 ** 20) / keys;
  return {
    residentMib: leaderMib ?? 0,
    followerResidentMib: followerMib ?? 0,
    bytesPerKey: perKey(leaderMib),
  };
}

function told(run: Run, name: string, figures: Figures): Result {
  run.progress(`million: ${name}: ${inWords(figures)}`);
  return { suite: "million", case: name, contender: "durio", rounds: [figures] };
}
