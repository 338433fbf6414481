import { invariant, type ReadOutcome, type ReplicaId } from "../raft/index.ts";
import { Deferred } from "./deferred.ts";
import type { Authority } from "./outcome.ts";

/** Called once with the outcome of a read. */
export type SettleRead = (authority: Authority) => void;

/** Reads that share one read of the core, because they began in one turn of the event loop. */
type Turn = SettleRead[];

/**
 * The waiting reads: first for a quorum to confirm the leader, then for their index to be applied.
 *
 * The core fixes the index of a read no sooner than when it is taken from. So all reads until then may share one.
 */
export class Reads {
  #lastId = 0;
  #lastApplied = 0;
  /** The reads to share since the core was last taken from. Undefined if there are none. */
  #turn: Turn | undefined;
  readonly #unconfirmed = new Map<number, Turn>();
  #confirmed: { readonly readIndex: number; readonly turn: Turn }[] = [];

  /**
   * Adds a read that shares its turn.
   *
   * @returns the id of the read to give to the core, or undefined if the core has one of this turn
   */
  share(settle: SettleRead): number | undefined {
    if (this.#turn !== undefined) {
      this.#turn.push(settle);
      return undefined;
    }
    this.#turn = [settle];
    return this.#add(this.#turn);
  }

  /** Adds a read that shares nothing. @param signal ends the wait with `timeout` */
  wait(signal: AbortSignal | undefined): { readonly readId: number; readonly authority: Promise<Authority> } {
    const pending = new Deferred<Authority>(signal, (aborted) => aborted.settle({ type: "timeout" }));
    return { readId: this.#add([(authority) => pending.settle(authority)]), authority: pending.promise };
  }

  /** The core is about to be taken from: reads after this need a later index. */
  turnEnded(): void {
    this.#turn = undefined;
  }

  decided({ readId, readIndex }: ReadOutcome, leader: ReplicaId | undefined): void {
    invariant(readId >= 1 && readId <= this.#lastId, "a read that has an outcome was requested");
    const turn = this.#unconfirmed.get(readId);
    invariant(
      turn !== undefined && turn !== this.#turn,
      "thesis §6.4 a read has one outcome, after its turn",
    );
    invariant(readIndex === undefined || readIndex >= 1, "thesis §6.4 a read waits for a committed entry");
    this.#unconfirmed.delete(readId);
    if (readIndex === undefined) return settleAll(turn, { type: "notLeader", leader });
    const last = this.#confirmed.at(-1);
    invariant(
      last === undefined || last.readIndex <= readIndex,
      "thesis §6.4 reads are confirmed in the order of their indices",
    );
    this.#confirmed.push({ readIndex, turn });
  }

  applied(lastApplied: number): void {
    invariant(lastApplied >= this.#lastApplied, "§5.3 the last applied index never decreases");
    this.#lastApplied = lastApplied;
    for (;;) {
      const [first] = this.#confirmed;
      if (first === undefined || first.readIndex > lastApplied) return;
      this.#confirmed.shift();
      settleAll(first.turn, { type: "verified", readIndex: first.readIndex });
    }
  }

  /**
   * Ends all waits, also after one that throws.
   *
   * @throws what the first of them throws
   */
  stop(): void {
    const waiting = [...this.#unconfirmed.values(), ...this.#confirmed.map(({ turn }) => turn)].flat();
    this.#unconfirmed.clear();
    this.#confirmed = [];
    settleAll(waiting, { type: "notLeader", leader: undefined });
  }

  #add(turn: Turn): number {
    const readId = ++this.#lastId;
    this.#unconfirmed.set(readId, turn);
    return readId;
  }
}

/** Settles all, also after one that throws, which is a bug: the others must not wait forever. */
function settleAll(waiting: Turn, authority: Authority): void {
  const bugs: unknown[] = [];
  for (const settle of waiting) {
    try {
      settle(authority);
    } catch (bug) {
      bugs.push(bug);
    }
  }
  if (bugs.length > 0) throw bugs[0];
}
