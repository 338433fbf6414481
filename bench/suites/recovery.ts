import { runLoad } from "../load/load.ts";
import { alternate, type Result, type Run, type Suite } from "../suite.ts";
import { Cluster } from "../systems/durio.ts";
import { restart, start } from "./restarts.ts";
import { figuresOf } from "./workloads.ts";

/** Never reached, so that the replica recovers from the log alone. */
const COMPACT_MIB = 65_536;

export const recoverySuite: Suite = {
  name: "recovery",
  byNameOnly: true,
  about: "until a replica is ready again, from a log of a million entries (100,000 if quick) on 10,000 keys",
  async run(run: Run): Promise<readonly Result[]> {
    await using cluster = await Cluster.start(3, { flags: ["--compact-log-mib", `${COMPACT_MIB}`] });
    const absent = await cluster.follower();
    await cluster.kill(absent);
    const targets = [cluster.url(await cluster.leader())];
    const count = run.quick ? 100_000 : 1_000_000;
    figuresOf(await runLoad({ kind: "durio", targets, clients: 256, seconds: 0, puts: 1, count }));
    // It was down while everything was written, and has no data.
    const catchUp = { name: "durio", measure: () => start(cluster, absent) };
    return [
      ...(await alternate({ ...run, rounds: 1 }, "recovery", "catch-up, by the log", [catchUp])),
      ...(await alternate(run, "recovery", "restart, from the log", [restart("durio", cluster)])),
    ];
  },
};
