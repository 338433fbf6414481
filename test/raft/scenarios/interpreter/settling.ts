import type { Machine } from "./machine.ts";
import type { ScenarioCluster } from "./scenario-cluster.ts";

/** More messages than in any scenario that ends. */
const MAX_MESSAGES = 10_000;

/** Messages arrive until the wire is empty. */
export function deliverAll(cluster: ScenarioCluster): void {
  for (let count = 0; cluster.network.wire.messages.length > 0; count++) {
    if (count > MAX_MESSAGES) throw new Error(`the messages do not end: ${MAX_MESSAGES} so far`);
    const [message] = cluster.network.wire.messages;
    if (message === undefined) return;
    cluster.network.wire.takeOne(message);
    cluster.network.deliver(message);
  }
}

/** Delivers all messages, then heartbeats, so that the followers learn the commit index. */
export function settleAll(cluster: ScenarioCluster): void {
  deliverAll(cluster);
  for (const machine of cluster.machines.filter(isLeading)) fireTimer(cluster, machine);
  deliverAll(cluster);
}

export function isLeading(machine: Machine): boolean {
  return machine.replica?.core.view().role === "leader";
}

/** Fires a replica's timer at its deadline. Time passes for the others too, but their timers don't fire. */
export function fireTimer(cluster: ScenarioCluster, machine: Machine): void {
  const deadlineMs = machine.up.core.deadline();
  if (!Number.isFinite(deadlineMs)) throw new RangeError(`${machine.id} has no timer`);
  const ms = Math.max(0, deadlineMs - machine.nowMs);
  for (const other of cluster.machines) if (other !== machine) other.wait(ms);
  machine.nowMs += ms;
  cluster.step(machine, { type: "timer" });
}

/**
 * Lets time pass for all replicas, and fires their timers at their deadlines.
 *
 * @param afterEach called after each timer
 */
export function elapse(cluster: ScenarioCluster, ms: number, afterEach: () => void): void {
  const startMs = new Map(cluster.machines.map((machine) => [machine, machine.nowMs]));
  const dueMs = (machine: Machine) =>
    (machine.replica?.core.deadline() ?? Number.POSITIVE_INFINITY) - (startMs.get(machine) ?? 0);
  for (;;) {
    const next = [...cluster.machines].sort((a, b) => dueMs(a) - dueMs(b))[0];
    if (next === undefined || dueMs(next) > ms) break;
    const elapsedMs = Math.max(0, dueMs(next));
    for (const [machine, start] of startMs) machine.nowMs = Math.max(machine.nowMs, start + elapsedMs);
    cluster.step(next, { type: "timer" });
    afterEach();
  }
  for (const [machine, start] of startMs) machine.nowMs = Math.max(machine.nowMs, start + ms);
}
