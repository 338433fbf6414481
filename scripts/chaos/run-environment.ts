import type { Cluster } from "./cluster/cluster.ts";
import type { ChaosReplica } from "./cluster/replica.ts";
import type { Nemesis, World } from "./nemeses/index.ts";
import type { Random } from "./random.ts";
import type { FaultRecord } from "./timeline.ts";
import { type Finding, leadsIn } from "./verdict/index.ts";

const STARTS_WITHIN_MS = 30_000;
const POLL_MS = 50;
const MAX_STARTS = 3;

/** The environment of nemeses: the cluster, its time, and the record of faults. */
export class RunEnvironment {
  readonly faults: FaultRecord[] = [];
  readonly #cluster: Cluster;
  readonly #now: () => number;
  #endAt = Number.POSITIVE_INFINITY;

  constructor(cluster: Cluster, now: () => number) {
    this.#cluster = cluster;
    this.#now = now;
  }

  /** Ends all sleeps at a time, so that the faults end. */
  endAt(at: number): void {
    this.#endAt = at;
  }

  async sleep(ms: number): Promise<void> {
    const left = Math.min(ms, this.#endAt - this.#now());
    if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
  }

  /** Waits until a condition is true. Returns whether it became true. */
  async within(ms: number, holds: () => boolean | Promise<boolean>): Promise<boolean> {
    const end = this.#now() + ms;
    while (!(await holds())) {
      if (this.#now() > end) return false;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    return true;
  }

  worldOf({ kind }: Nemesis, random: Random): World {
    const cluster = this.#cluster;
    const { network, connectivity } = cluster;
    const notes: string[] = [];
    return {
      cluster,
      random,
      sleep: (ms) => this.sleep(ms),
      leader: () => this.#leader(random),
      hit: (targets) => {
        const leader = cluster.watcher.leader();
        const hitsLeader = leader !== undefined && targets.includes(leader);
        const fault: FaultRecord = {
          kind,
          from: this.#now(),
          to: Number.POSITIVE_INFINITY,
          targets,
          hitsLeader,
          notes,
        };
        this.faults.push(fault);
        return () => {
          fault.to = this.#now();
        };
      },
      cut: (links) => {
        network.cut(links);
        connectivity.cut(links, this.#now());
      },
      heal: (links) => {
        network.heal(links);
        connectivity.heal(links, this.#now());
      },
      up: (replica) => this.#up(replica),
      note: (text) => notes.push(text),
    };
  }

  /** Starts all replicas that may be started, and waits until they are ready. */
  async recover(ms: number): Promise<Finding[]> {
    this.#endAt = Number.POSITIVE_INFINITY;
    const { replicas } = this.#cluster;
    const wanted = replicas.filter(({ isLeftAlone }) => !isLeftAlone);
    const late = new Set<ChaosReplica>(wanted);
    const starts = new Map<ChaosReplica, number>();
    await this.within(ms, async () => {
      for (const replica of late) {
        const tries = starts.get(replica) ?? 0;
        if (!replica.isRunning && tries < MAX_STARTS) {
          starts.set(replica, tries + 1);
          replica.start();
        }
        if (await this.#cluster.isReady(replica)) late.delete(replica);
      }
      return [...late].every((replica) => !replica.isRunning && starts.get(replica) === MAX_STARTS);
    });
    if (late.size === 0) return [];
    const names = [...late].map(({ id }) => id).join(", ");
    return [{ kind: "stuck", text: `${names} not ready ${ms / 1000} s after all faults had ended` }];
  }

  noteLeaders(replica: ChaosReplica): void {
    for (const term of leadsIn(replica.log)) this.#cluster.watcher.noteLeader(replica.id, term);
  }

  #leader(random: Random): ChaosReplica {
    const id = this.#cluster.watcher.leader();
    return id === undefined ? random.pick(this.#cluster.replicas) : this.#cluster.replica(id);
  }

  async #up(replica: ChaosReplica): Promise<void> {
    await this.within(STARTS_WITHIN_MS, () => replica.isServing || !replica.isRunning);
  }
}
