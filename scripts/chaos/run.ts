import { mkdirSync } from "node:fs";
import { loadavg } from "node:os";
import { Client } from "./clients/client.ts";
import { Load } from "./clients/load.ts";
import { Cluster } from "./cluster/cluster.ts";
import type { UnaskedExit } from "./cluster/replica.ts";
import type { ChaosOperation } from "./history.ts";
import type { FaultKind } from "./nemeses/index.ts";
import { candidates, drawEpisode, type RunPlan, settingOf } from "./plan.ts";
import { Random } from "./random.ts";
import { RunEnvironment } from "./run-environment.ts";
import type { FaultRecord } from "./timeline.ts";
import type { ToolName } from "./tools.ts";
import { type Finding, judgeRun } from "./verdict/index.ts";

const WARM_UP_MS = 1500;
const FORMS_WITHIN_MS = 60_000;
const RECOVERS_WITHIN_MS = 60_000;
const FINAL_READERS = 8;
const FINAL_READS_WITHIN_MS = 30_000;
const STUCK_READS_WITHIN_MS = 1000;

export interface RunOptions {
  readonly plan: RunPlan;
  readonly faults: readonly FaultKind[];
  readonly tools: ReadonlySet<ToolName>;
  /** A directory for the run's files. */
  readonly directory: string;
  /** The project to run. Default: this one. */
  readonly project?: string | undefined;
  /** Timeout in ms for replicas to become ready after all faults have ended. Default: one minute. */
  readonly recoversWithinMs?: number | undefined;
}

/** The result of a run. */
export interface RunResult {
  readonly plan: RunPlan;
  readonly history: readonly ChaosOperation[];
  readonly faults: readonly FaultRecord[];
  readonly findings: readonly Finding[];
  readonly exits: readonly UnaskedExit[];
  /** The longest time without an acknowledged write, in ms, by kind of fault. */
  readonly gaps: ReadonlyMap<FaultKind | "calm", number>;
  /** Number of terms with a leader. */
  readonly terms: number;
  readonly snapshots: number;
  /** The longest delay of this process's own timers, in ms: latencies are no more accurate than that. */
  readonly lagMs: number;
  /** The load average of one minute at the end. */
  readonly load: number;
}

/** Runs a cluster under load and faults, lets it recover, reads everything, and judges the results. */
export async function run(options: RunOptions): Promise<RunResult> {
  const { plan, faults: kinds, tools, directory, project, recoversWithinMs = RECOVERS_WITHIN_MS } = options;
  const zero = performance.now();
  const now = () => performance.now() - zero;
  const history: ChaosOperation[] = [];
  const exits: UnaskedExit[] = [];
  const findings: Finding[] = [];
  let begin = Number.POSITIVE_INFINITY;
  mkdirSync(directory, { recursive: true });
  const cluster = await Cluster.start({
    ...plan,
    tools,
    directory,
    project,
    now,
    onExit: (exit) => exits.push(exit),
  });
  const lag = new Lag();
  try {
    const environment = new RunEnvironment(cluster, now);
    const record = (operation: ChaosOperation) => history.push(operation);
    const isOver = () => cluster.replicas.every(({ isRunning }) => !isRunning);
    await environment.within(FORMS_WITHIN_MS, () => cluster.watcher.leader() !== undefined || isOver());
    if (cluster.watcher.leader() !== undefined) {
      const load = new Load({ replicas: cluster.replicas, seed: plan.seed, now, record });
      await environment.sleep(WARM_UP_MS);
      begin = now();
      await makeFaults(environment, { plan, faults: kinds, tools }, now);
      const stuck = await environment.recover(recoversWithinMs);
      await load.end();
      const withinMs = stuck.length === 0 ? FINAL_READS_WITHIN_MS : STUCK_READS_WITHIN_MS;
      findings.push(
        ...stuck,
        ...(await readAll(cluster, history, { seed: plan.seed, now, record, withinMs })),
      );
    } else {
      findings.push({ kind: "stuck", text: `no leader ${(now() / 1000).toFixed(0)} s after the start` });
    }
    const end = now();
    for (const replica of cluster.replicas) environment.noteLeaders(replica);
    const snapshots = Math.max(
      ...cluster.replicas.map(({ id }) => cluster.watcher.status(id)?.snapshotIndex ?? 0),
    );
    const { leaders } = cluster.watcher;
    const { stretches } = cluster.connectivity;
    const judged = judgeRun({ history, exits, leaders, stretches, faults: environment.faults, begin, end });
    return {
      ...{ plan, history, exits, faults: environment.faults, gaps: judged.gaps, terms: leaders.size },
      ...{
        snapshots,
        lagMs: lag.stop(),
        load: loadavg()[0] ?? 0,
        findings: [...findings, ...judged.findings],
      },
    };
  } finally {
    lag.stop();
    await cluster[Symbol.asyncDispose]();
  }
}

/** Runs episodes until the time is over. */
async function makeFaults(
  environment: RunEnvironment,
  { plan, faults, tools }: Pick<RunOptions, "plan" | "faults" | "tools">,
  now: () => number,
): Promise<void> {
  const possible = candidates(settingOf(plan, tools), faults);
  const random = new Random(plan.seed, "episodes");
  const end = now() + plan.seconds * 1000;
  let isLastDone = false;
  environment.endAt(end);
  for (let at = 0; now() < end; at++) {
    const left = (end - now()) / (plan.seconds * 1000);
    const episode = drawEpisode(possible, random, { left, isLastDone });
    isLastDone ||= episode.faults.some(({ nemesis }) => nemesis.isLast);
    await Promise.all(
      episode.faults.map(async ({ nemesis, afterMs }) => {
        await environment.sleep(afterMs);
        if (now() < end)
          await nemesis.run(environment.worldOf(nemesis, new Random(plan.seed, `${at} ${nemesis.kind}`)));
      }),
    );
    await environment.sleep(episode.calmMs);
  }
}

interface ReadOptions {
  readonly seed: number;
  readonly now: () => number;
  readonly record: (operation: ChaosOperation) => void;
  readonly withinMs: number;
}

/** Reads every key twice, at different replicas, so that no loss goes unnoticed. */
async function readAll(
  cluster: Cluster,
  history: readonly ChaosOperation[],
  { seed, now, record, withinMs }: ReadOptions,
): Promise<Finding[]> {
  const serving = cluster.replicas.filter(({ isServing, isLeftAlone }) => isServing && !isLeftAlone);
  if (serving.length === 0) return [{ kind: "stuck", text: "no replica serves at the end" }];
  const random = new Random(seed, "final reads");
  const keys = [...new Set(history.map(({ key }) => key))];
  const reads = keys.flatMap((key) => [key, key]);
  const unread: string[] = [];
  const end = now() + withinMs;
  const work = async (reader: number) => {
    const client = new Client(`final${reader}`, now, record);
    for (let key = reads.shift(); key !== undefined; key = reads.shift()) {
      let isRead = false;
      while (!isRead && now() < end) {
        isRead = (await client.do({ key, type: "get" }, random.pick(serving))).outcome === "ok";
      }
      if (!isRead) unread.push(key);
    }
    client.close();
  };
  await Promise.all(Array.from({ length: FINAL_READERS }, (_, at) => work(at + 1)));
  return unread.length === 0
    ? []
    : [{ kind: "stuck", text: `${unread.length} reads at the end had no answer` }];
}

/** Measures the delay of this process's timers. */
class Lag {
  #longest = 0;
  #last = performance.now();
  readonly #timer: NodeJS.Timeout = setInterval(() => {
    const now = performance.now();
    this.#longest = Math.max(this.#longest, now - this.#last - 20);
    this.#last = now;
  }, 20);

  stop(): number {
    clearInterval(this.#timer);
    return this.#longest;
  }
}
