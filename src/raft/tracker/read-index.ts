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
 * Linearizable reads without a log entry (ReadIndex, thesis §6.4). A read notes the commit index; once a quorum
 * has answered heartbeats that were sent after that, this replica was still the leader when the read arrived.
 *
 * All reads that wait share one round. Rounds are numbered within a term and a number is never used twice, so
 * that an acknowledgement of an older heartbeat confirms nothing.
 */
export class ReadIndex {
  #round = 0;
  #waiting: number[] = [];
  #pending: Round | undefined;

  /** The number that every AppendEntries carries. */
  get round(): number {
    return this.#round;
  }

  request(readId: number): void {
    this.#waiting.push(readId);
  }

  /**
   * Starts a round for the reads that wait, unless one is under way.
   *
   * @param commitIndex of a leader that has committed an entry of its own term
   * @returns whether heartbeats must go out now
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

  /** The reads of the round under way, once a quorum has confirmed it. */
  takeConfirmed(membership: Membership): ReadOutcome[] {
    const pending = this.#pending;
    invariant(pending === undefined || pending.number === this.#round, "thesis §6.4 one round is in flight");
    if (pending === undefined || !membership.hasQuorum((voter) => pending.acknowledged.has(voter))) return [];
    this.#pending = undefined;
    return pending.readIds.map((readId) => ({ readId, readIndex: pending.readIndex }));
  }

  /** The leadership ended: none of its reads can be confirmed any more. */
  drop(): ReadOutcome[] {
    const readIds = [...(this.#pending?.readIds ?? []), ...this.#waiting];
    return readIds.map((readId) => ({ readId, readIndex: undefined }));
  }
}
