import type { Machine } from "./machine.ts";
import { Violation } from "./monitor/index.ts";
import type { Subject } from "./subject.ts";
import type { Network, Scheduler } from "./world/index.ts";

/**
 * Liveness during faults. As long as a majority of replicas is up and connected, each of them serves writes,
 * independent of the others: a client in its process gets a reply within a bound at any moment.
 */

/** Interval of the checks in ms. */
const LOOK_MS = 25;

/** Links on which a fault loses more than this share of messages, in thousandths, count as disconnected. */
const MOST_LOSS_PERMILLE = 50;

/** Timeout of probes in ms. Long, because the rule itself ends them. */
const PROBE_TIMEOUT_MS = 60_000;

export interface Surveyed<Input, Output> {
  readonly machines: readonly Machine<Input, Output>[];
  readonly network: Network;
  readonly scheduler: Scheduler;
  readonly subject: Subject<Input, Output>;
  /** Interval of the probes of a replica in ms. */
  readonly everyMs: number;
  /** A message and its reply that take longer than this, in ms, are too slow for Raft (§5.6). */
  readonly electionTimeoutMinMs: number;
  /**
   * Maximum time in ms without an acknowledged write for a member of a connected majority.
   *
   * @param syncMs the longest slow sync in the meantime; 0 if there was none
   */
  readonly boundMs: (syncMs: number) => number;
  readonly report: (violation: Violation) => void;
}

/** Start of a condition in microseconds, or undefined while it does not hold. */
type Since = number | undefined;

interface Surveillance {
  /** The process's era at the last check. */
  era: number;
  upSince: Since;
  acknowledgedUs: number;
  nextProbeUs: number;
  probing: boolean;
  probes: number;
}

/** Checks throughout a run that every replica that could serve writes does. */
export class Availability<Input, Output> {
  /** The longest time without an acknowledged write of a majority's member, as a share of the bound. */
  longestShare = 0;
  readonly #world: Surveyed<Input, Output>;
  readonly #replicas: readonly Surveillance[];
  /** Since when each pair of machines has been connected in both directions. */
  readonly #connectedSince: Since[];
  readonly #majorities: readonly (readonly number[])[];
  /** The longest recent sync of slow disks, and when it ends at the latest, in microseconds. */
  #slow = { syncUs: 0, untilUs: 0 };

  constructor(world: Surveyed<Input, Output>) {
    const count = world.machines.length;
    this.#world = world;
    this.#replicas = world.machines.map(() => ({
      era: 0,
      upSince: undefined,
      acknowledgedUs: 0,
      nextProbeUs: 0,
      probing: false,
      probes: 0,
    }));
    this.#connectedSince = Array.from({ length: count * count }, () => 0);
    this.#majorities = subsetsOf(count, Math.floor(count / 2) + 1);
  }

  /** @param endMs end of the rule in ms; no probe starts later */
  watch(endMs: number): void {
    const { scheduler, subject } = this.#world;
    if (subject.residents === undefined) return;
    const look = () => {
      if (scheduler.nowUs > endMs * 1000) return;
      this.#look();
      scheduler.after(LOOK_MS * 1000, undefined, look);
    };
    look();
  }

  #look(): void {
    const { nowUs } = this.#world.scheduler;
    this.#replicas.forEach((replica, number) => {
      this.#lookAt(replica, number, nowUs);
    });
    this.#lookAtLinks(nowUs);
    this.#lookAtDisks(nowUs);
    const { members, sinceUs } = this.#bestMajority();
    for (const number of members) this.#judge(number, sinceUs, nowUs);
  }

  #lookAt(replica: Surveillance, number: number, nowUs: number): void {
    const machine = this.#world.machines[number];
    const isUp = machine !== undefined && isWell(machine, nowUs);
    if (!isUp) replica.upSince = undefined;
    else if (replica.upSince === undefined || machine.era !== replica.era) replica.upSince = nowUs;
    if (machine === undefined || !isUp) return;
    replica.era = machine.era;
    if (replica.probing || nowUs < replica.nextProbeUs) return;
    this.#probe(replica, machine).catch((error: unknown) => {
      this.#world.report(new Violation("bug", `a client at ${machine.id}: ${String(error)}`));
    });
  }

  async #probe(replica: Surveillance, machine: Machine<Input, Output>): Promise<void> {
    const { subject, scheduler, everyMs } = this.#world;
    if (subject.residents === undefined) return;
    replica.probing = true;
    const input = subject.residents.probe(machine.id, ++replica.probes);
    const { type } = await machine.ask(input, new AbortController().signal, PROBE_TIMEOUT_MS);
    replica.probing = false;
    replica.nextProbeUs = scheduler.nowUs + everyMs * 1000;
    if (type === "done") replica.acknowledgedUs = scheduler.nowUs;
  }

  #lookAtLinks(nowUs: number): void {
    const { machines, network, electionTimeoutMinMs } = this.#world;
    const count = machines.length;
    const { dropPermille, extraDelayUs } = network.weather;
    const isFair = dropPermille <= MOST_LOSS_PERMILLE && 4 * extraDelayUs <= 1000 * electionTimeoutMinMs;
    for (let a = 0; a < count; a++) {
      for (let b = a + 1; b < count; b++) {
        const link = a * count + b;
        if (!isFair || network.isCut(a, b) || network.isCut(b, a)) this.#connectedSince[link] = undefined;
        else this.#connectedSince[link] ??= nowUs;
      }
    }
  }

  #lookAtDisks(nowUs: number): void {
    let syncUs = 0;
    for (const { disk } of this.#world.machines) syncUs = Math.max(syncUs, disk.trouble.syncUs?.[1] ?? 0);
    if (syncUs === 0) return;
    if (nowUs < this.#slow.untilUs) syncUs = Math.max(syncUs, this.#slow.syncUs);
    this.#slow = { syncUs, untilUs: nowUs + syncUs };
  }

  /** Returns the majority that has been up and connected for longest. */
  #bestMajority(): { readonly members: readonly number[]; readonly sinceUs: number } {
    let best = { members: [] as readonly number[], sinceUs: Number.POSITIVE_INFINITY };
    for (const members of this.#majorities) {
      const sinceUs = this.#sinceOf(members);
      if (sinceUs < best.sinceUs) best = { members, sinceUs };
    }
    return best;
  }

  #sinceOf(members: readonly number[]): number {
    const count = this.#replicas.length;
    let sinceUs = 0;
    for (const a of members) {
      sinceUs = Math.max(sinceUs, this.#replicas[a]?.upSince ?? Number.POSITIVE_INFINITY);
      for (const b of members) {
        if (a < b)
          sinceUs = Math.max(sinceUs, this.#connectedSince[a * count + b] ?? Number.POSITIVE_INFINITY);
      }
    }
    return sinceUs;
  }

  #judge(number: number, sinceUs: number, nowUs: number): void {
    const { machines, boundMs, report } = this.#world;
    const acknowledgedUs = this.#replicas[number]?.acknowledgedUs ?? 0;
    const waitsSinceUs = Math.max(sinceUs, acknowledgedUs);
    const waitedMs = (nowUs - waitsSinceUs) / 1000;
    const syncMs = this.#slow.untilUs >= waitsSinceUs ? this.#slow.syncUs / 1000 : 0;
    this.longestShare = Math.max(this.longestShare, waitedMs / boundMs(syncMs));
    if (waitedMs <= boundMs(syncMs)) return;
    const { id } = machines[number] ?? {};
    const message = `no write acknowledged at ${id} for ${Math.round(waitedMs)} ms, though a majority was up and connected`;
    report(new Violation("liveness", message));
  }
}

/** Returns whether the machine runs, and its disk and clock have no faults. Slowness does not count as a fault. */
function isWell<Input, Output>(machine: Machine<Input, Output>, nowUs: number): boolean {
  const { disk, view, clock } = machine;
  if (!machine.isRunning || view === undefined || view.role === "bootstrapping") return false;
  // It no longer campaigns, although its log may be the only one that can win.
  if (view.resigned || machine.sharesAddress) return false;
  return machine.pausedUntilUs <= nowUs && !disk.isInTrouble && clock.isSteady;
}

/** Returns all subsets of a size of the numbers from 0 to `count` - 1. */
function subsetsOf(count: number, size: number): number[][] {
  if (size === 0) return [[]];
  const subsets: number[][] = [];
  for (let last = size - 1; last < count; last++) {
    for (const rest of subsetsOf(last, size - 1)) subsets.push([...rest, last]);
  }
  return subsets;
}
