import type { CopiedMachines } from "./copied-machines.ts";
import type { Holder } from "./holder.ts";
import type { Machine } from "./machine.ts";
import { sendMisdirected } from "./misdirected.ts";
import type { Violation } from "./monitor/index.ts";
import type { Outsider } from "./outsider/index.ts";
import { type Fault, LEADER } from "./plan/index.ts";
import type { Network, RandomStream, Scheduler, Trace, Weather } from "./world/index.ts";

/** A machine as seen by the nemesis. */
export type Victim = Pick<
  Machine<unknown, unknown>,
  | "number"
  | "id"
  | "clock"
  | "disk"
  | "view"
  | "pausedUntilUs"
  | "storageLoss"
  | "isShelved"
  | "clusterUid"
  | "isUp"
  | "isRunning"
  | "era"
  | "start"
  | "resign"
  | "stop"
  | "crash"
  | "wipe"
  | "flipBits"
  | "requestSnapshot"
>;

/** The cluster as seen by the nemesis. */
export interface Victims {
  readonly machines: readonly Victim[];
  readonly copies: Pick<CopiedMachines<unknown, unknown>, "isAt" | "isPossible" | "start">;
  readonly network: Network;
  readonly scheduler: Scheduler;
  readonly trace: Trace;
  readonly random: RandomStream;
  /** Sends messages of other clusters, which may have the same secret. */
  readonly holder: Holder;
  /** Undefined if messages have no seal. */
  readonly outsider: Outsider | undefined;
  readonly report: (violation: Violation) => void;
}

/** Carries out the faults of a plan at their times. */
export class Nemesis {
  readonly #victims: Victims;
  /** Number of times that each kind was carried out. */
  readonly counts: Map<string, number> = new Map();
  #over = false;
  /** Ends the running faults. */
  readonly #endings = new Set<() => void>();

  constructor(victims: Victims) {
    this.#victims = victims;
  }

  /** @param endMs when all faults must have ended */
  schedule(faults: readonly Fault[], endMs: number): void {
    const { scheduler } = this.#victims;
    for (const fault of faults) {
      const forMs = Math.min(fault.forMs, Math.max(0, endMs - fault.atMs));
      scheduler.after(fault.atMs * 1000 - scheduler.nowUs, undefined, () =>
        this.#strike({ ...fault, forMs }),
      );
    }
  }

  /** Ends all faults: the network heals, clocks and disks recover, and replicas restart if they can. */
  endAll(): void {
    const { machines, network } = this.#victims;
    this.#over = true;
    for (const ending of [...this.#endings]) ending();
    network.mendAll();
    for (const machine of machines) {
      machine.clock.setRate(1_000_000);
      machine.disk.heal();
      machine.start();
    }
  }

  #strike(fault: Fault): void {
    if (this.#over) return;
    const machine = this.#target(fault);
    if (machine === undefined) return;
    if (!this.#carryOut(fault, machine)) return;
    this.counts.set(fault.kind, (this.counts.get(fault.kind) ?? 0) + 1);
    this.#victims.trace.record("fault", machine.number, [fault.forMs, fault.amount], fault);
  }

  #target({ kind, machine }: Fault): Victim | undefined {
    const { machines } = this.#victims;
    if (kind === "olderCopy" || kind === "clone") return this.#copiedFrom(machine);
    if (machine !== LEADER) return machines[machine];
    let leader: Victim | undefined;
    for (const candidate of machines) {
      const view = candidate.view;
      if (view?.role !== "leader") continue;
      if (leader === undefined || view.currentTerm > (leader.view?.currentTerm ?? 0)) leader = candidate;
    }
    return leader;
  }

  /** @returns whether anything was done */
  #carryOut(fault: Fault, machine: Victim): boolean {
    const { kind, forMs, amount } = fault;
    const { disk } = machine;
    switch (kind) {
      case "kill":
      case "powerLoss":
        if (!machine.isUp) return false;
        machine.crash({ powerLoss: kind === "powerLoss" });
        return this.#restartAfter(machine, forMs);
      case "diskCut":
        if (!machine.isUp) return false;
        disk.trouble.operationsLeft = 1 + (amount % 12);
        return true;
      case "restart":
        return machine.isRunning && this.#restart(machine, fault);
      case "pause":
        machine.pausedUntilUs = this.#victims.scheduler.nowUs + forMs * 1000;
        return machine.isUp;
      case "isolate":
      case "halves":
      case "oneWay":
      case "bridge":
      case "ring":
        return this.#partition(fault, machine);
      case "lossy":
        return this.#worsenWeather("dropPermille", 100 + (amount % 400), forMs);
      case "slow":
        return this.#worsenWeather("extraDelayUs", 1000 * (5 + (amount % 150)), forMs);
      case "narrow":
        return this.#narrowLinks(machine, 1000 * (20 + (amount % 180)), forMs);
      case "clockRate":
        return this.#setClockRate(machine, 500_000 + (amount % 1_500_000), forMs);
      case "clockFreeze":
        return this.#setClockRate(machine, 0, forMs);
      case "syncError":
        if (!machine.isUp) return false;
        disk.trouble.syncFailure = (["kept", "dropped", "partly"] as const)[amount % 3];
        return true;
      case "diskFull":
        return machine.isUp && this.#fillDisk(machine, fault);
      case "diskStall":
        disk.trouble.stalledUntilUs = this.#victims.scheduler.nowUs + forMs * 1000;
        return true;
      case "slowDisk":
        return this.#slowSyncs([machine], fault);
      case "slowDisks":
        return this.#slowSyncs(this.#victims.machines, fault);
      case "bitFlip":
        return this.#loseStorage(machine, forMs, () => machine.flipBits(amount));
      case "wipe":
        return this.#loseStorage(machine, forMs, () => machine.wipe());
      case "olderCopy":
        return this.#putOlderCopy(machine, fault);
      case "clone":
        return this.#runCopy(machine, fault);
      case "misdirected":
      case "outsider":
        return this.#send(fault, machine);
      case "snapshot":
        machine.requestSnapshot();
        return machine.isRunning;
    }
  }

  /**
   * Restarts gracefully. In two of three cases the replica resigns first and answers for up to 1 s more, as the service
   * does.
   */
  #restart(machine: Victim, { forMs, amount }: Fault): true {
    const stop = () => {
      void machine.stop();
      this.#restartAfter(machine, forMs);
    };
    if (amount % 3 === 0) {
      stop();
      return true;
    }
    const { era } = machine;
    machine.resign();
    // It may have crashed and restarted meanwhile.
    return this.#later((amount >> 2) % 1000, () => {
      if (machine.era === era) stop();
    });
  }

  #worsenWeather(what: keyof Weather, amount: number, forMs: number): true {
    const { network } = this.#victims;
    network.weather = { ...network.weather, [what]: amount };
    return this.#later(forMs, () => {
      network.weather = { ...network.weather, [what]: 0 };
    });
  }

  #narrowLinks({ number }: Victim, bytesPerSecond: number, forMs: number): true {
    const { network } = this.#victims;
    network.narrow(number, bytesPerSecond);
    return this.#later(forMs, () => network.narrow(number, undefined));
  }

  #setClockRate({ clock }: Victim, rate: number, forMs: number): true {
    clock.setRate(rate);
    return this.#later(forMs, () => clock.setRate(1_000_000));
  }

  #fillDisk({ disk }: Victim, { forMs, amount }: Fault): true {
    disk.trouble.capacityBytes = disk.platter.usedBytes + (amount % 3000);
    return this.#later(forMs, () => {
      disk.trouble.capacityBytes = Number.POSITIVE_INFINITY;
    });
  }

  /** Makes syncs take 0.4 to 5 s, like cards that collect garbage. A sync may outlast the fault. */
  #slowSyncs(machines: readonly Victim[], { forMs, amount }: Fault): true {
    const atMostUs = 400_000 + (amount % 4_600_000);
    for (const { disk } of machines) disk.trouble.syncUs = [400_000, atMostUs];
    return this.#later(forMs, () => {
      for (const { disk } of machines) disk.trouble.syncUs = undefined;
    });
  }

  /** Only a minority may lose its storage: otherwise no protocol could keep what was acknowledged. */
  #loseStorage(machine: Victim, forMs: number, lose: () => void): boolean {
    const { machines } = this.#victims;
    const lost = machines.filter(({ storageLoss }) => storageLoss !== undefined).length;
    if (!this.#isIntact(machine) || 2 * (lost + 1) >= machines.length) return false;
    lose();
    return this.#restartAfter(machine, forMs);
  }

  /** Returns whether the machine has its own storage, of which no copy runs. */
  #isIntact({ storageLoss, isShelved, number }: Victim): boolean {
    return storageLoss === undefined && !isShelved && !this.#victims.copies.isAt(number);
  }

  /** Returns the first machine from `first` on whose data may be copied. */
  #copiedFrom(first: number): Victim | undefined {
    const { machines, copies } = this.#victims;
    const inTurn = [...machines.slice(first), ...machines.slice(0, Math.max(0, first))];
    return inTurn.find((machine) => copies.isPossible(machine.number) && this.#isIntact(machine));
  }

  /**
   * Stops a replica, gracefully or not, and starts it on an earlier copy of its disk. Later its own disk is restored.
   */
  #putOlderCopy(machine: Victim, fault: Fault): true {
    const { amount } = fault;
    if ((amount & 1) === 0) void machine.stop();
    else machine.crash({ powerLoss: (amount & 2) === 0 });
    machine.isShelved = true;
    return this.#later((amount >> 12) % 800, () => {
      machine.crash({ powerLoss: false });
      if (this.#over) machine.isShelved = false;
      else this.#runCopy(machine, fault);
    });
  }

  #runCopy({ number }: Victim, { kind, forMs, amount }: Fault): true {
    const takeAway = this.#victims.copies.start(number, { isClone: kind === "clone", amount });
    return this.#later(forMs, takeAway);
  }

  #partition({ kind, amount, forMs }: Fault, machine: Victim): boolean {
    const { machines, network } = this.#victims;
    const count = machines.length;
    if (count < 2) return false;
    const cuts: [number, number][] = [];
    const both = (a: number, b: number) => cuts.push([a, b], [b, a]);
    const others = machines.map(({ number }) => number).filter((number) => number !== machine.number);
    const sideOf = (number: number) => (amount >> number) & 1;
    switch (kind) {
      case "isolate":
        for (const other of others) both(machine.number, other);
        break;
      case "oneWay":
        for (const other of others) {
          if ((amount & 2) === 0 && other !== others[amount % others.length]) continue;
          cuts.push((amount & 1) === 0 ? [machine.number, other] : [other, machine.number]);
        }
        break;
      case "ring":
        for (const a of others) for (const b of others) if (a < b && (b - a) % count > 1) both(a, b);
        break;
      default:
        for (let a = 0; a < count; a++) {
          for (let b = a + 1; b < count; b++) {
            // A bridge is a machine that both sides still reach.
            const isBridged = kind === "bridge" && (a === machine.number || b === machine.number);
            if (sideOf(a) !== sideOf(b) && !isBridged) both(a, b);
          }
        }
    }
    for (const [from, to] of cuts) network.cut(from, to);
    return this.#later(forMs, () => {
      for (const [from, to] of cuts) network.mend(from, to);
    });
  }

  #send(fault: Fault, to: Victim): boolean {
    const { machines, outsider } = this.#victims;
    const { kind, amount } = fault;
    if (kind === "outsider") return outsider?.strike(to, fault) ?? false;
    const from = machines[amount % machines.length];
    return from !== undefined && from !== to && sendMisdirected({ from, to, amount }, this.#victims);
  }

  #restartAfter(machine: Victim, ms: number): true {
    return this.#later(ms, () => machine.start());
  }

  #later(ms: number, end: () => void): true {
    const { scheduler } = this.#victims;
    const once = () => {
      if (this.#endings.delete(once)) end();
    };
    this.#endings.add(once);
    scheduler.after(ms * 1000, undefined, once);
    return true;
  }
}
