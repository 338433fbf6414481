import type { LogEntry, LogPosition } from "../raft/index.ts";
import type { ProposeOutcome } from "./outcome.ts";
import { Pending } from "./pending.ts";

interface Waiter<Result> {
  readonly term: number;
  readonly pending: Pending<ProposeOutcome<Result>>;
}

/** The proposals that wait to be applied, each for exactly its (index, term). */
export class Proposals<Result> {
  readonly #waiters = new Map<number, Waiter<Result>>();

  add({ index, term }: LogPosition, signal: AbortSignal | undefined): Promise<ProposeOutcome<Result>> {
    // A leader that appends at an index again lacks what stood there: it was never committed.
    this.#settle(index, { type: "lost" });
    const pending = new Pending<ProposeOutcome<Result>>(signal, (aborted) => {
      if (this.#waiters.get(index)?.pending === aborted) this.#waiters.delete(index);
      aborted.settle({ type: "unknown" });
    });
    this.#waiters.set(index, { term, pending });
    return pending.promise;
  }

  /** An entry was applied: whoever waits for it has its answer, whoever waited for another one lost. */
  applied({ index, term }: LogEntry, result: Result): void {
    const isOwn = this.#waiters.get(index)?.term === term;
    this.#settle(index, isOwn ? { type: "committed", index, term, result } : { type: "lost" });
  }

  /** A no-op took the place: it has no result, and nobody proposed it. */
  superseded(index: number): void {
    this.#settle(index, { type: "lost" });
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
    waiter.pending.settle(outcome);
  }
}
