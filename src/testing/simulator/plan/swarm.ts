import { defaultTuning, type RaftTuning } from "../../../raft/index.ts";
import type { DiskClass } from "../disk/index.ts";
import type { Subject, SubjectLimits } from "../subject.ts";
import { type NetworkClass, RandomStream } from "../world/index.ts";
import {
  copyKinds,
  type Fault,
  type FaultKind,
  faultKinds,
  LEADER,
  OUTSIDE,
  type Plan,
  type PlannedOperation,
} from "./plan.ts";

/** The amounts that a seed gets. */
export interface Profile {
  /** Duration of the faults, in ms. */
  readonly faultMs: number;
  /** The number of operations of all clients. */
  readonly operations: number;
  /** Mean time between two faults, in ms. */
  readonly faultEveryMs: number;
}

/** The name of a profile in `profiles`. */
export type ProfileName = "quick" | "full";

/** How long a run has faults, and how much happens in it. */
export const profiles: Readonly<Record<ProfileName, Profile>> = {
  /** For a first check after a change. */
  quick: { faultMs: 8_000, operations: 120, faultEveryMs: 400 },
  /** The profile behind the claims of docs/proof.md. */
  full: { faultMs: 20_000, operations: 320, faultEveryMs: 480 },
};

/**
 * Draws the run of a seed. Each seed has its own kind of cluster, network, disks and faults, so that rare combinations
 * occur (swarm testing).
 *
 * @param seed a whole number; the same seed gives the same plan
 * @param profile the amounts of faults and operations
 * @param subject draws the operations
 * @example
 * ```ts
 * import { drawPlan, kvSubject, profiles } from "ruaft/testing/simulator";
 *
 * const plan = drawPlan(7, profiles.quick, kvSubject);
 * console.log(plan.seed, plan.operations.length); // 7 120
 * ```
 */
export function drawPlan<Input>(
  seed: number,
  profile: Profile,
  subject: Pick<Subject<Input, unknown>, "draw">,
): Plan<Input> {
  const random = new RandomStream(seed);
  const replicas = random.fork("size").pick([1, 2, 3, 3, 3, 3, 3, 4, 5, 5, 5, 7]);
  const tuning = drawTuning(random.fork("tuning"));
  const clients = random.fork("clients").between(1, 5);
  // Some runs cover messages without a seal.
  const sealed = random.fork("seal").chance(850);
  const plan: Plan<Input> = {
    seed,
    replicas,
    clients,
    homes: drawHomes(random.fork("homes"), clients, replicas),
    faultMs: profile.faultMs,
    sealed,
    tuning,
    limits: drawLimits(random.fork("limits")),
    segmentBytes: random.fork("segments").pick([2048, 4096, 16384]),
    compactLogBytes: random.fork("compaction").pick([512, 1024, 4096, 16384]),
    network: drawNetwork(random.fork("network")),
    disk: drawDisk(random.fork("disk")),
    ...(random.fork("work").chance(250) ? { work: { entryUs: 300, kibibyteUs: 300 } } : {}),
    clockPpm: drawClocks(random.fork("clocks"), replicas),
    faults: [
      ...drawFaults(random.fork("faults"), profile, replicas),
      ...drawCopies(random.fork("copies"), profile, replicas),
      ...(sealed ? drawOutsiders(random.fork("outsiders"), profile, replicas) : []),
    ],
    operations: drawOperations(random.fork("operations"), profile, clients, subject),
  };
  if (random.fork("snapshots").chance(100)) return withSnapshots(plan, random.fork("links of snapshots"));
  const elections = plan.replicas > 3 && random.fork("elections").chance(200);
  return elections ? withElections(plan, random.fork("rivals")) : plan;
}

/** Keeps snapshots in transfer, in many small chunks that are lost and repeated. */
function withSnapshots<Input>(plan: Plan<Input>, random: RandomStream): Plan<Input> {
  return {
    ...plan,
    compactLogBytes: 512,
    tuning: { ...plan.tuning, snapshotChunkBytes: 16, retainedLogBytes: 0 },
    network: {
      ...plan.network,
      dropPermille: random.pick([20, 60]),
      duplicatePermille: 200,
      slowPermille: 120,
      slowUs: 300_000,
      replayPermille: 200,
    },
  };
}

/** Leaders are lost all the time, and while the next one is elected some disks stall for about as long as that takes. */
function withElections<Input>(plan: Plan<Input>, random: RandomStream): Plan<Input> {
  const timeoutMs = plan.tuning.electionTimeoutMinMs ?? defaultTuning.electionTimeoutMinMs;
  const faults: Fault[] = [];
  const fault = (kind: FaultKind, atMs: number, machine: number, forMs: number) =>
    faults.push({ atMs, kind, machine, forMs, amount: random.next() >>> 1 });
  for (let atMs = 1000; atMs < plan.faultMs; atMs += random.between(3 * timeoutMs, 8 * timeoutMs)) {
    fault(random.pick(["kill", "isolate"]), atMs, LEADER, random.between(timeoutMs, 4 * timeoutMs));
    for (let stalls = random.between(1, 2); stalls > 0; stalls--) {
      const electedMs = atMs + random.between(timeoutMs, 2 * timeoutMs);
      fault(
        "diskStall",
        electedMs,
        random.below(plan.replicas),
        random.between(timeoutMs >> 1, 2 * timeoutMs),
      );
    }
  }
  return { ...plan, faults };
}

/** The first client is always outside, because it reads at the end from any replica left. */
function drawHomes(random: RandomStream, clients: number, replicas: number): number[] {
  return Array.from({ length: clients }, (_, client) => {
    const home = random.chance(400) ? random.below(replicas) : OUTSIDE;
    return client === 0 ? OUTSIDE : home;
  });
}

function drawTuning(random: RandomStream): Partial<RaftTuning> {
  const heartbeatMs = random.pick([20, 30, 50, 50]);
  const electionTimeoutMinMs = heartbeatMs * random.pick([3, 4, 6]);
  return {
    heartbeatMs,
    electionTimeoutMinMs,
    electionTimeoutMaxMs: 2 * electionTimeoutMinMs,
    maxAppendBytes: random.pick([1, 64, 256, 2048, 1 << 20]),
    maxInflightAppends: random.pick([1, 2, 4, 16]),
    pipelineFromMs: random.fork("pipeline").pick([0, 0, 0, 1, 8]),
    maxInflightBytes: random.pick([256, 4096, 4 << 20]),
    snapshotChunkBytes: random.pick([64, 200, 1000, 256 << 10]),
    maxUncommittedBytes: random.pick([1024, 64 << 20]),
    commitTargetMs: random.fork("commit target").pick([50, 2000]),
    retainedLogBytes: random.pick([0, 1, 300, 4096]),
    maxApplyEntries: random.pick([1, 3, 1024]),
  };
}

function drawLimits(random: RandomStream): SubjectLimits {
  return {
    sessionTtlMs: random.pick([1500, 10_000, 3_600_000, 3_600_000]),
    maxSessionsPerOwner: random.pick([1, 100]),
    requestTimeoutMs: random.pick([100, 400, 2000]),
  };
}

function drawNetwork(random: RandomStream): NetworkClass {
  const on = (permille: number) => random.fork(permille).chance(500);
  return {
    delayUs: random.pick([
      [50, 200],
      [500, 1500],
      [500, 12_000],
      [1000, 26_000],
    ] as const),
    dropPermille: random.pick([0, 0, 5, 20, 50, 150]),
    duplicatePermille: on(1) ? random.pick([10, 50, 200]) : 0,
    slowPermille: on(2) ? random.pick([5, 20, 60]) : 0,
    slowUs: random.pick([50_000, 300_000, 1_200_000]),
    replayPermille: on(3) ? random.pick([5, 20]) : 0,
    crossedPermille: on(4) ? random.pick([2, 10]) : 0,
    refuses: random.chance(500),
    ...(on(5) && random.fork("narrow").chance(300)
      ? { bytesPerSecond: random.fork("bandwidth").pick([60_000, 200_000, 1_000_000]) }
      : {}),
  };
}

/** As on cards that collect garbage: slower than any election timeout here. */
const slowSyncs = [
  [50_000, 250_000],
  [400_000, 1_000_000],
] as const;

function drawDisk(random: RandomStream): DiskClass {
  return {
    writeUs: [5, 30],
    syncUs: random.pick([
      [50, 200],
      [100, 2000],
      [1000, 20_000],
    ] as const),
    slowPermille: random.pick([0, 0, 10, 50]),
    slowUs: random.pick([20_000, 150_000, 800_000]),
    ...(random.fork("slow").chance(80) ? { syncUs: random.fork("syncs").pick(slowSyncs) } : {}),
  };
}

function drawClocks(random: RandomStream, replicas: number): number[] {
  const drift = random.pick([0, 0, 200, 50_000]);
  return Array.from(
    { length: replicas },
    () => 1_000_000 + (drift === 0 ? 0 : random.between(-drift, drift)),
  );
}

/** Each seed leaves out about half of the kinds and prefers some of the others. */
function drawFaults(random: RandomStream, profile: Profile, replicas: number): Fault[] {
  const kinds = faultKinds.flatMap((kind): FaultKind[] => {
    if (isCopy(kind) || kind === "outsider") return [];
    const weight = random.fork(kind).pick([0, 0, 1, 1, 3]);
    return Array.from({ length: weight }, () => kind);
  });
  if (kinds.length === 0) kinds.push("kill");
  const faults: Fault[] = [];
  let atMs = 1000;
  for (;;) {
    atMs += random.between(1, 2 * profile.faultEveryMs - 1);
    if (atMs >= profile.faultMs) return faults;
    faults.push({
      atMs,
      kind: random.pick(kinds),
      machine: random.chance(400) ? LEADER : random.below(replicas),
      forMs: random.pick([30, 200, 600, 1500, 3000]),
      amount: random.next() >>> 1,
    });
  }
}

/**
 * One seed in four has one or two copies. Each comes after restarts of the replica, because only earlier runs are
 * copied. A copy of the current run can't be distinguished from the original (decision 19).
 */
function drawCopies(random: RandomStream, { faultMs }: Profile, replicas: number): Fault[] {
  // With two replicas each one is needed.
  if (replicas < 3 || !random.chance(250)) return [];
  return Array.from({ length: random.between(1, 2) }, () => {
    const machine = random.below(replicas);
    const atMs = Math.floor((faultMs * random.between(200, 700)) / 1000);
    const restarts = Array.from({ length: random.between(1, 3) }, () => ({
      atMs: random.between(Math.floor(atMs / 3), atMs - 500),
      kind: random.pick(["kill", "powerLoss", "restart"] as const),
      machine,
      forMs: random.pick([30, 200]),
      amount: random.next() >>> 1,
    }));
    const kind = random.pick(copyKinds);
    const forMs = random.pick([1500, 3000, 6000]);
    return [...restarts, { atMs, kind, machine, forMs, amount: random.next() >>> 1 }];
  }).flat();
}

/** In two of three seeds someone without the secret sends messages all the time. */
function drawOutsiders(random: RandomStream, { faultMs }: Profile, replicas: number): Fault[] {
  if (!random.chance(660)) return [];
  const faults: Fault[] = [];
  for (let atMs = 500; atMs < faultMs; atMs += random.between(50, 700)) {
    const amount = random.next() >>> 1;
    faults.push({ atMs, kind: "outsider", machine: random.below(replicas), forMs: 200, amount });
  }
  return faults;
}

function isCopy(kind: FaultKind): boolean {
  return copyKinds.some((copy) => copy === kind);
}

function drawOperations<Input>(
  random: RandomStream,
  profile: Profile,
  clients: number,
  subject: Pick<Subject<Input, unknown>, "draw">,
): PlannedOperation<Input>[] {
  const operations: PlannedOperation<Input>[] = [];
  const meanMs = profile.faultMs / profile.operations;
  let atMs = 300;
  for (let number = 0; number < profile.operations; number++) {
    // In bursts, so that many requests share a write or none does.
    atMs += random.chance(600) ? random.below(4) : random.below(Math.ceil(4.5 * meanMs));
    operations.push({
      atMs,
      client: random.below(clients),
      input: subject.draw(random, number),
      timeoutMs: random.pick([150, 600, 2000, 5000]),
      abandonAfterMs: random.chance(50) ? random.between(1, 400) : 0,
    });
  }
  return operations;
}
