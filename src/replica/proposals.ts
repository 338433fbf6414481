import { invariant, type LogEntry, type LogPosition } from "../raft/index.ts";
import { Deferred } from "./deferred.ts";
import type { ProposeOutcome } from "./outcome.ts";

/** Called once with what became of a proposal. */
export type Settle<Result> = (outcome: ProposeOutcome<Result>) => void;

interface Waiter<Result> {
  readonly term: number;
  readonly settle: Settle<Result>;
}

/** The proposals that wait to be applied, each for exactly its (index, term). */
export class Proposals<Result> {
  readonly #waiters = new Map<number, Waiter<Result>>();
  #appliedTerm = 0;

  add({ index, term }: LogPosition, settle: Settle<Result>): void {
    invariant(index >= 1 && term >= 1, "§5.3 a proposal has a place in the log");
    invariant(term >= this.#appliedTerm, "§5.3 terms never fall along the log");
    // The entry that stood there was replaced here, but a peer may still hold it, and a later leader commit it.
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
   * An entry was applied: whoever waits for it has its answer, whoever waited for another one at its place lost. That
   * one may even be of a later term: its leader never got it committed, and a third one brought the older entry back.
   */
  applied({ index, term }: LogEntry, result: Result): void {
    this.termApplied(term);
    invariant(term === this.#appliedTerm, "§5.3 terms never fall along the log");
    const isAwaited = this.#waiters.get(index)?.term === term;
    this.#settle(index, isAwaited ? { type: "committed", index, term, result } : { type: "lost" });
  }

  /**
   * An entry of this term was applied. Terms never fall along the log (§5.3): what was proposed in an earlier term
   * and has not been applied never will be, at whatever index.
   */
  termApplied(term: number): void {
    if (term <= this.#appliedTerm) return;
    this.#appliedTerm = term;
    for (const [index, waiter] of this.#waiters) {
      if (waiter.term < term) this.#settle(index, { type: "lost" });
    }
  }

  /** A snapshot stands for everything up to `index`: what of it was ours can't be told. */
  skipped(index: number): void {
    for (const at of [...this.#waiters.keys()]) if (at <= index) this.#settle(at, { type: "unknown" });
  }

  stop(): void {
    this.skipped(Number.POSITIVE_INFINITY);
  }

  #settle(index: number, outcome: ProposeOutcome<Result>): void {
    const waiter = this.#waiters.get(index);
    if (waiter === undefined) return;
    this.#waiters.delete(index);
    waiter.settle(outcome);
  }
}
