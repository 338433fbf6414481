import { invariant, type LogEntry, type LogPosition } from "../raft/index.ts";
import { Deferred } from "./deferred.ts";
import type { ProposeOutcome } from "./outcome.ts";
import { runAll } from "./run-all.ts";

/** Called once with the outcome of a proposal. */
export type Settle<Result> = (outcome: ProposeOutcome<Result>) => void;

interface Waiter<Result> {
  readonly term: number;
  readonly settle: Settle<Result>;
}

/** The proposals that wait to be applied, each for exactly its index and term. */
export class Proposals<Result> {
  readonly #waiters = new Map<number, Waiter<Result>>();
  #appliedTerm = 0;

  add({ index, term }: LogPosition, settle: Settle<Result>): void {
    invariant(index >= 1 && term >= 1, "§5.3 a proposal has a position in the log");
    invariant(term >= this.#appliedTerm, "§5.3 terms never decrease along the log");
    // The earlier entry at this index was replaced here. A peer may still hold it, and a later leader may commit it.
    this.#settle(index, { type: "unknown" });
    this.#waiters.set(index, { term, settle });
  }

  /** @param signal ends the wait with `unknown` */
  wait(position: LogPosition, signal: AbortSignal | undefined): Promise<ProposeOutcome<Result>> {
    const { index } = position;
    const pending = new Deferred<ProposeOutcome<Result>>(signal, (aborted) => {
      if (this.#waiters.get(index)?.settle === settle) this.#waiters.delete(index);
      aborted.settle({ type: "unknown" });
    });
    const settle: Settle<Result> = (outcome) => pending.settle(outcome);
    this.add(position, settle);
    return pending.promise;
  }

  /**
   * Resolves the waiter of this (index, term). A waiter of the same index with another term is `lost`, even if that
   * term is later: its leader may have failed before committing it.
   */
  applied({ index, term }: LogEntry, result: Result): void {
    this.termApplied(term);
    invariant(term === this.#appliedTerm, "§5.3 terms never decrease along the log");
    const waiter = this.#waiters.get(index);
    if (waiter === undefined) return;
    const isAwaited = waiter.term === term;
    this.#waiters.delete(index);
    waiter.settle(isAwaited ? { type: "committed", index, term, result } : { type: "lost" });
  }

  /**
   * An entry of this term was applied. Terms never fall along the log (§5.3), so a proposal of an earlier term that has
   * not been applied never will be.
   */
  termApplied(term: number): void {
    if (term <= this.#appliedTerm) return;
    this.#appliedTerm = term;
    for (const [index, waiter] of this.#waiters) {
      if (waiter.term < term) this.#settle(index, { type: "lost" });
    }
  }

  /** A snapshot covers everything up to `index`. It does not show which proposals it contains. */
  skipped(index: number): void {
    for (const at of [...this.#waiters.keys()]) if (at <= index) this.#settle(at, { type: "unknown" });
  }

  /**
   * Resolves every waiter with `unknown`, also after one that throws.
   *
   * @throws what the first of them throws
   */
  stop(): void {
    const [...indices] = this.#waiters.keys();
    runAll(indices.map((index) => () => this.#settle(index, { type: "unknown" })));
  }

  #settle(index: number, outcome: ProposeOutcome<Result>): void {
    const waiter = this.#waiters.get(index);
    if (waiter === undefined) return;
    this.#waiters.delete(index);
    waiter.settle(outcome);
  }
}
