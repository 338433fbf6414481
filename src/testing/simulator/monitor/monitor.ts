import { decodeReplies, type KvReplies, kvServiceName } from "../../../kvraft/forwarding/index.ts";
import type { ReplicaStart, Tracer } from "../../../ports/index.ts";
import type { PersistedState, RaftView, Ready, ReplicaId } from "../../../raft/index.ts";
import type { Platter } from "../disk/index.ts";
import { Cluster } from "./cluster.ts";
import { Ledger } from "./ledger.ts";
import { checkMessages } from "./message-rules.ts";
import { Observed } from "./observed.ts";
import { checkRestored } from "./restart-rules.ts";
import type { Step } from "./step.ts";
import { checkStep, checkTake } from "./step-rules.ts";
import { Violation } from "./violation.ts";

export interface MonitoredReplica {
  readonly id: ReplicaId;
  readonly platter: () => Platter;
}

/** Called with steps that broke none of the monitor's own rules. May throw violations. */
export interface StepListener {
  started(machine: number, start: ReplicaStart, view: RaftView): void;
  stepped(machine: number, step: Step): void;
  took(machine: number, ready: Ready, before: RaftView | undefined, view: RaftView): void;
  /** The process ended. */
  ended?(machine: number): void;
  /** The stored state was lost or damaged. */
  storageDamaged?(machine: number): void;
  /** A replica answers requests of its store that came in one message. */
  storeReplied?(replies: KvReplies): void;
}

/** Checks P1 to P7 and P10 at every step of every replica, and keeps the first violation. */
export class Monitor {
  readonly cluster: Cluster;
  violation: Violation | undefined;

  readonly #listeners: readonly StepListener[];

  constructor(
    replicas: readonly MonitoredReplica[],
    electionTimeoutMinMs: number,
    listeners: readonly StepListener[],
  ) {
    this.#listeners = listeners;
    const ledger = new Ledger();
    const observed = replicas.map(
      ({ id, platter }) => new Observed(id, electionTimeoutMinMs, ledger, platter),
    );
    this.cluster = new Cluster(ledger, observed);
  }

  get ledger(): Ledger {
    return this.cluster.ledger;
  }

  observed(machine: number): Observed {
    const replica = this.cluster.replicas[machine];
    if (replica === undefined) throw new RangeError(`machine: no replica runs on ${machine}`);
    return replica;
  }

  /** Returns the `tracer` for a replica. */
  tracer(machine: number): Tracer {
    const replica = this.observed(machine);
    return {
      started: (start, view) => {
        this.guard(() => {
          this.#started(replica, start.restored, view);
          for (const listener of this.#listeners) listener.started(machine, start, view);
        });
      },
      stepped: (input, view, nowMs) => {
        const before = replica.view;
        this.guard(() => {
          const step = { input, before, view, nowMs };
          checkStep(this.cluster, replica, step);
          for (const listener of this.#listeners) listener.stepped(machine, step);
        });
      },
      took: (ready, view) => {
        const before = replica.view;
        this.guard(() => {
          checkTake(this.cluster, replica, ready, view);
          checkMessages(this.cluster, replica, ready);
          for (const listener of this.#listeners) listener.took(machine, ready, before, view);
        });
      },
    };
  }

  /** Checks the reply of a service just before it is sent. */
  replyLeaves(service: string, payload: Uint8Array): void {
    if (service !== kvServiceName) return;
    const replies = decodeReplies(payload);
    for (const reply of replies) if (reply?.type === "written") this.acknowledged(reply.revision);
    for (const listener of this.#listeners) listener.storeReplied?.(replies);
  }

  /** P7: a write is acknowledged only once a majority holds it. */
  acknowledged(index: number): void {
    this.guard(() => {
      const term = this.ledger.appliedTerm(index);
      if (term !== undefined && this.cluster.majorityHolds(index, term)) return;
      throw new Violation("P7", `a write at ${index} is acknowledged, but no majority holds it`);
    });
  }

  /** The process of a replica ended. */
  ended(machine: number): void {
    this.observed(machine).ended();
    for (const listener of this.#listeners) listener.ended?.(machine);
  }

  /** A replica's stored state is gone or was damaged. */
  storageDamaged(machine: number, { gone }: { readonly gone: boolean }): void {
    if (gone) this.observed(machine).storageLost();
    for (const listener of this.#listeners) listener.storageDamaged?.(machine);
  }

  /** Keeps a violation. Any other error is a bug of the monitor itself. */
  guard(check: () => void): void {
    try {
      check();
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      this.violation ??= error;
      throw error;
    }
  }

  #started(replica: Observed, restored: PersistedState, view: RaftView): void {
    replica.view = undefined;
    checkRestored(replica, restored, view);
    replica.inFlight = undefined;
    checkStep(this.cluster, replica, { input: { type: "timer" }, before: undefined, view, nowMs: 0 });
  }
}
