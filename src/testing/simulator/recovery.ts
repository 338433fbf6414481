import type { RaftView } from "../../raft/index.ts";
import type { Machine } from "./machine.ts";
import { Violation } from "./monitor/index.ts";
import { REPLAY_WITHIN_MS } from "./world/index.ts";
import type { World } from "./world.ts";

/**
 * The second half of a run: the faults end, and the remaining replicas must recover. Sometimes a minority stays away,
 * because a majority must suffice.
 */

/** Links and disks without faults. */
const calmNetwork = {
  delayUs: [50, 1500],
  dropPermille: 0,
  duplicatePermille: 0,
  slowPermille: 0,
  slowUs: 0,
  replayPermille: 0,
  crossedPermille: 0,
  refuses: true,
} as const;
const calmDisk = { writeUs: [5, 30], syncUs: [50, 500], slowPermille: 0, slowUs: 0 } as const;

/** Time in ms for processes to start and for logs to be replayed. */
const START_MS = 500;

export async function recover<Input, Output>(world: World<Input, Output>): Promise<void> {
  const { plan, workload } = world;
  const electionTimeoutMs = plan.tuning.electionTimeoutMaxMs ?? 600;
  await heal(world);
  if (!canLead(world)) return;
  // A candidate waits for votes as long as votes have taken (decision 14), and disks were slower before.
  const votesMs = 4 * Math.max(...world.machines.map(({ disk }) => disk.slowestSyncUs / 1000));
  const leadsMs = START_MS + 10 * electionTimeoutMs + votesMs;
  const led = await world.elapse(leadsMs, () => leaderOf(world) !== undefined);
  if (!led) return stuck(world, `no leader within ${Math.round(leadsMs)} ms`);
  const answered = await world.elapse(10_000, () => workload.open === 0);
  if (!answered) return stuck(world, `${workload.open} operations were never answered`);
  if (!(await readAll(world))) return;
  await awaitBootstrapping(world);
  await stayQuiet(world, 20 * electionTimeoutMs);
  // A duplicate of a client's request may arrive late, with its entry in flight just then.
  await world.elapse(
    electionTimeoutMs,
    () => new Set(settled(world).map(({ view }) => view?.lastApplied)).size <= 1,
  );
  if (world.violation === undefined) compareAll(world);
}

async function heal<Input, Output>(world: World<Input, Output>): Promise<void> {
  const { machines, network, nemesis } = world;
  for (const machine of machines) machine.disk.become(calmDisk);
  network.become(calmNetwork);
  nemesis.endAll();
  // A slow sync that is running stays slow.
  const busyUntilUs = Math.max(...machines.map(({ disk }) => disk.busyUntilUs));
  await world.elapse(START_MS + Math.max(0, busyUntilUs - world.scheduler.nowUs) / 1000);
  const random = world.random.fork("recovery");
  if (!random.chance(300) || machines.some(({ view }) => view?.role === "bootstrapping")) return;
  // A minority stays away.
  const running = machines.filter(({ isRunning }) => isRunning);
  let spare = running.length - majorityOf(machines.length);
  for (; spare > 0; spare--) {
    const machine = random.pick(running);
    machine.crash({ powerLoss: false });
  }
}

/** Returns whether a majority of replicas has its storage. */
function canLead<Input, Output>({ machines }: World<Input, Output>): boolean {
  const able = machines.filter(({ view }) => view !== undefined && view.role !== "bootstrapping");
  return able.length >= majorityOf(machines.length);
}

/** Returns the leader that has committed an entry of its term and that a majority follows. */
function leaderOf<Input, Output>({ machines }: World<Input, Output>): RaftView | undefined {
  for (const { view } of machines) {
    if (view?.leadershipIndex !== undefined && view.commitIndex >= view.leadershipIndex) return view;
  }
  return undefined;
}

async function readAll<Input, Output>(world: World<Input, Output>): Promise<boolean> {
  const { subject, workload } = world;
  let done = 0;
  for (const input of subject.closing) {
    const planned = { client: 0, input, timeoutMs: 8_000, abandonAfterMs: 0 };
    void workload.ask(planned, { alive: true, pausedUntilUs: 0 }).then((ended) => {
      if (ended.type === "done") done++;
    });
  }
  await world.elapse(10_000, () => workload.open === 0);
  if (world.violation === undefined && done < subject.closing.length) {
    stuck(world, `${subject.closing.length - done} operations failed, though nothing was wrong any more`);
  }
  return world.violation === undefined;
}

/**
 * If a leader has a chunk in flight to a replica that lost its storage, it steps down at that replica's bootstrap check. A
 * duplicate of that request may come later. So all messages in flight must arrive before the cluster counts as healthy
 * (decision 6).
 */
async function awaitBootstrapping<Input, Output>(world: World<Input, Output>): Promise<void> {
  if (world.machines.some(({ storageLoss }) => storageLoss === "wiped")) await world.elapse(REPLAY_WITHIN_MS);
}

/** Checks that nothing disturbs a healthy cluster: the term does not change. */
async function stayQuiet<Input, Output>(world: World<Input, Output>, ms: number): Promise<void> {
  const term = leaderOf(world)?.currentTerm;
  await world.elapse(ms);
  const later = leaderOf(world)?.currentTerm;
  if (later !== term) stuck(world, `the term went from ${term} to ${later} while nothing was wrong`);
}

function compareAll<Input, Output>(world: World<Input, Output>): void {
  const running = settled(world);
  const [first, ...others] = running;
  for (const other of others) {
    const applied = other.view?.lastApplied;
    if (applied !== first?.view?.lastApplied) {
      return stuck(world, `${other.id} has applied ${applied}, ${first?.id} ${first?.view?.lastApplied}`);
    }
  }
  for (const machine of running) machine.compareState({ always: true });
}

function settled<Input, Output>({ machines }: World<Input, Output>): Machine<Input, Output>[] {
  return machines.filter(({ isRunning, view }) => isRunning && view?.role !== "bootstrapping");
}

function stuck<Input, Output>(world: World<Input, Output>, message: string): void {
  world.fail(new Violation("liveness", message));
}

function majorityOf(count: number): number {
  return Math.floor(count / 2) + 1;
}
