import type { Clerk } from "../kvraft/index.ts";
import type { ReplicaState } from "../ports/index.ts";
import { waitingFor, whyNoLeader } from "./waiting-for.ts";

/** A replica whose disk write takes longer than this, in ms, is not ready. */
const SLOWEST_WRITE_MS = 5_000;

/** One requirement of readiness. */
export interface Check {
  readonly name: string;
  readonly isMet: boolean;
  /** The state of the check in one line. */
  readonly text: string;
}

/**
 * Decides whether a replica is ready: it knows a leader, has applied everything that the cluster had committed when it
 * started, and its disk works.
 *
 * Only the leader knows what had been committed. So the replica commits an empty command at the start, whose index is
 * beyond everything committed before; it is ready once it has applied that command. If nobody commits it in time, the
 * next probe tries again.
 */
export class Readiness {
  readonly #clerk: Clerk;
  readonly #status: () => ReplicaState;
  #asking = false;
  #index: number | undefined;

  constructor(clerk: Clerk, status: () => ReplicaState) {
    this.#clerk = clerk;
    this.#status = status;
    void this.#ask();
  }

  /** Returns why the replica is not ready, or undefined if it is. */
  obstacle(): string | undefined {
    return this.checks().find(({ isMet }) => !isMet)?.text;
  }

  /** Returns all checks, each with its obstacle or its state. */
  checks(): readonly Check[] {
    const state = this.#status();
    return [diskCheck(state), leaderCheck(state), this.#appliedCheck(state)];
  }

  #appliedCheck({ role, leader, lastApplied }: ReplicaState): Check {
    const name = "applied";
    if (role === "bootstrapping") return { name, isMet: true, text: "nothing has been committed yet" };
    if (this.#index === undefined) {
      if (leader !== undefined) void this.#ask();
      return { name, isMet: false, text: "the leader has not answered yet" };
    }
    const text = `applied up to index ${lastApplied} of ${this.#index}`;
    return { name, isMet: lastApplied >= this.#index, text };
  }

  async #ask(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    try {
      const result = await this.#clerk.commitSentinel();
      if (result.type === "written") this.#index = result.revision;
    } finally {
      this.#asking = false;
    }
  }
}

function diskCheck({ health }: ReplicaState): Check {
  const { writeInFlightMs = 0, lastWriteMs } = health.disk;
  const name = "disk";
  if (writeInFlightMs > SLOWEST_WRITE_MS) {
    const seconds = Math.round(writeInFlightMs / 1000);
    return { name, isMet: false, text: `the disk has not finished a write for ${seconds} s` };
  }
  const text =
    lastWriteMs === undefined ? "no write yet" : `the last write took ${lastWriteMs.toFixed(1)} ms`;
  return { name, isMet: true, text };
}

/**
 * Until its cluster was complete once, a replica is ready without a leader. Otherwise a rollout that starts each
 * replica once the previous one is ready would wait forever.
 */
function leaderCheck(state: ReplicaState): Check {
  const { role, leader } = state;
  const name = "leader";
  if (role === "bootstrapping") return { name, isMet: true, text: waitingFor(state) ?? "not needed yet" };
  if (leader === undefined) return { name, isMet: false, text: whyNoLeader(state) };
  return { name, isMet: true, text: `${leader} leads` };
}
