import type { Clerk } from "../kvraft/index.ts";
import type { ReplicaState } from "../ports/index.ts";
import { waitingFor, whyNoLeader } from "./waiting-for.ts";

/** A disk that takes longer for a write is no help to anybody, in ms. */
const SLOWEST_WRITE_MS = 5_000;

/** One thing that a replica needs to be ready. */
export interface Check {
  readonly name: string;
  readonly isMet: boolean;
  /** How it is, in a line. */
  readonly text: string;
}

/**
 * Whether a replica is of use: it knows a leader, has applied all that the cluster had committed when the
 * replica started, and its disk works.
 *
 * What that was only the leader knows. So an empty command is committed at the start: its index lies beyond all
 * that was committed before, and a replica that has applied it is ready. Where nobody commits it in time, the next
 * probe asks again.
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

  /** What is in the way; undefined for a replica that is ready. */
  obstacle(): string | undefined {
    return this.checks().find(({ isMet }) => !isMet)?.text;
  }

  /** What a replica needs to be ready, each with what is in the way, or how it is. */
  checks(): readonly Check[] {
    const state = this.#status();
    return [diskCheck(state), leaderCheck(state), this.#appliedCheck(state)];
  }

  #appliedCheck({ role, leader, lastApplied }: ReplicaState): Check {
    const name = "applied";
    if (role === "newcomer") return { name, isMet: true, text: "nothing has been committed yet" };
    if (this.#index === undefined) {
      if (leader !== undefined) void this.#ask();
      return { name, isMet: false, text: "the leader has not answered yet" };
    }
    const text = `the log is applied up to index ${lastApplied} of ${this.#index}`;
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
 * Before its cluster was complete for the first time a replica needs no leader: whoever starts replicas one by one, each
 * once the one before is ready, would wait for ever.
 */
function leaderCheck(state: ReplicaState): Check {
  const { role, leader } = state;
  const name = "leader";
  if (role === "newcomer") return { name, isMet: true, text: waitingFor(state) ?? "not needed yet" };
  if (leader === undefined) return { name, isMet: false, text: whyNoLeader(state) };
  return { name, isMet: true, text: `${leader} leads` };
}
