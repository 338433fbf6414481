import { invariant } from "../invariant-violation.ts";
import type { Membership } from "../membership/membership.ts";
import type { ReadOutcome } from "../ready.ts";
import type { ReplicaId } from "../types.ts";

interface Round {
  readonly number: number;
  readonly readIndex: number;
  readonly readIds: readonly number[];
  readonly acknowledged: Set<ReplicaId>;
}

/**
 * Linearizable reads without a log entry (ReadIndex, thesis §6.4). A read records the commit index. Once a quorum has
 * answered heartbeats that were sent after that, this replica was still the leader when the read arrived.
 *
 * All waiting reads share one round. Rounds are numbered within a term, and a number is never used twice, so the reply
 * to an older heartbeat confirms nothing.
 */
export class ReadIndex {
  #round = 0;
  #waiting: number[] = [];
  #pending: Round | undefined;

  /** The number of the latest round. Every AppendEntries carries it. */
  get round(): number {
    return this.#round;
  }

  request(readId: number): void {
    this.#waiting.push(readId);
  }

  /**
   * Starts a round for the waiting reads if none is in flight.
   *
   * @param commitIndex of a leader that has committed an entry of its own term
   * @returns whether heartbeats must be sent now
   */
  startRound(commitIndex: number, self: ReplicaId): boolean {
    if (this.#pending !== undefined || this.#waiting.length === 0) return false;
    invariant(commitIndex >= 1, "thesis §6.4 a read waits for an entry of the leader's term");
    this.#round++;
    this.#pending = {
      number: this.#round,
      readIndex: commitIndex,
      readIds: this.#waiting,
      acknowledged: new Set([self]),
    };
    this.#waiting = [];
    return true;
  }

  acknowledge(from: ReplicaId, round: number): void {
    if (this.#pending !== undefined && round >= this.#pending.number) this.#pending.acknowledged.add(from);
  }

  /** Returns the reads of the round in flight, once a quorum has confirmed it. */
  takeConfirmed(membership: Membership): ReadOutcome[] {
    const pending = this.#pending;
    invariant(pending === undefined || pending.number === this.#round, "thesis §6.4 one round is in flight");
    if (pending === undefined || !membership.hasQuorum((voter) => pending.acknowledged.has(voter))) return [];
    this.#pending = undefined;
    return pending.readIds.map((readId) => ({ readId, readIndex: pending.readIndex }));
  }

  /** Ends all reads, because the leadership ended and can't confirm them. */
  drop(): ReadOutcome[] {
    const readIds = [...(this.#pending?.readIds ?? []), ...this.#waiting];
    return readIds.map((readId) => ({ readId, readIndex: undefined }));
  }
}
