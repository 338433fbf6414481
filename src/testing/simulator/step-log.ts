import type { KvReply } from "../../kv/index.ts";
import type { KvReplies } from "../../kvraft/forwarding/index.ts";
import type { ReplicaStart } from "../../ports/index.ts";
import type { RaftView, Ready } from "../../raft/index.ts";
import { type Mark, markLeader, markStep, markTake } from "./marks/index.ts";
import type { Monitor, Step, StepListener } from "./monitor/index.ts";
import type { Trace } from "./world/index.ts";

/** Records the replicas' events, and the situations that they show. */
export class StepLog implements StepListener {
  readonly #trace: Trace;
  readonly #monitor: () => Monitor;
  readonly #hit: (mark: Mark) => void;
  readonly #acknowledged = new Set<number>();

  constructor(trace: Trace, monitor: () => Monitor) {
    this.#trace = trace;
    this.#monitor = monitor;
    this.#hit = (mark) => trace.marks.add(mark);
  }

  started(_machine: number, { restored }: ReplicaStart): void {
    if (restored.snapshot !== undefined) this.#hit("a start from a snapshot");
  }

  stepped(machine: number, step: Step): void {
    const { input, before, view } = step;
    const { currentTerm, commitIndex, lastLogIndex } = view;
    this.#trace.record("step", machine, [currentTerm, commitIndex, lastLogIndex], { input, view });
    if (before === undefined) return;
    const { cluster } = this.#monitor();
    markStep(this.#hit, cluster, this.#monitor().observed(machine), { ...step, before });
    markLeader(this.#hit, before, view);
  }

  took(machine: number, ready: Ready, before: RaftView | undefined, view: RaftView): void {
    this.#trace.record("take", machine, [ready.send.length, view.commitIndex, view.durableIndex], ready);
    for (const entry of ready.apply) this.#trace.record("apply", machine, [entry.index, entry.term], entry);
    if (before === undefined) return;
    markTake(this.#hit, ready, view);
    markLeader(this.#hit, before, view);
  }

  storeReplied(replies: KvReplies): void {
    if (replies.length > 1) this.#hit("many requests of the store in one message");
    for (const reply of replies) if (reply !== undefined) this.#storeReplied(reply);
  }

  #storeReplied(reply: KvReply): void {
    if (reply.type === "sessionExpired") this.#hit("a session that expired");
    if (reply.type === "tooLarge") this.#hit("a value grown too large");
    if (reply.type === "conflict") this.#hit("a registration refused because of its expected revision");
    if (reply.type !== "written") return;
    if (this.#acknowledged.has(reply.revision)) this.#hit("a write repeated and answered as the first time");
    this.#acknowledged.add(reply.revision);
  }
}
