import type { Clerk } from "../kvraft/index.ts";
import type { ReplicaState } from "../ports/index.ts";
import { whyNoLeader } from "./waiting-for.ts";

/** A disk that takes longer for a write is no help to anybody, in ms. */
const SLOWEST_WRITE_MS = 5_000;

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

  /**
   * What is in the way; undefined for a replica that is ready. Before its cluster was complete for the first time nothing
   * is: whoever starts replicas one by one, each once the one before is ready, would wait for ever.
   */
  obstacle(): string | undefined {
    const state = this.#status();
    const { role, leader, lastApplied, health } = state;
    const { writeInFlightMs = 0 } = health.disk;
    if (writeInFlightMs > SLOWEST_WRITE_MS) {
      return `the disk has not finished a write for ${Math.round(writeInFlightMs / 1000)} s`;
    }
    if (role === "newcomer") return undefined;
    if (leader === undefined) return whyNoLeader(state);
    if (this.#index === undefined) {
      void this.#ask();
      return "the leader has not answered yet";
    }
    if (lastApplied < this.#index) return `the log is applied up to index ${lastApplied} of ${this.#index}`;
    return undefined;
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
