import type { Clock, StateMachine } from "../ports/index.ts";
import { type Input, invariant, type LogEntry, type Ready } from "../raft/index.ts";
import type { Proposals } from "./proposals.ts";

export interface ApplyingOptions<Result> {
  readonly stateMachine: StateMachine<Result>;
  /** The waiters that each applied entry answers. */
  readonly proposals: Proposals<Result>;
  readonly clock: Clock;
  /** A slice that takes longer is reported to the core, in ms. */
  readonly maxApplyMs: number;
  readonly step: (input: Input) => void;
}

/** Applies what the core hands out, and tells it how long that took. */
export class Applying<Result> {
  readonly #options: ApplyingOptions<Result>;
  /** The index of the last entry that was applied; undefined before the first. */
  #lastIndex: number | undefined;

  constructor(options: ApplyingOptions<Result>) {
    this.#options = options;
  }

  /** Applies one slice, all at once: nothing else of the replica runs meanwhile. */
  apply({ apply: entries, more }: Ready): void {
    if (entries.length === 0) return;
    const { clock, maxApplyMs, step } = this.#options;
    const startedMs = clock.now();
    for (const entry of entries) this.#applyOne(entry);
    const tookMs = clock.now() - startedMs;
    invariant(tookMs >= 0, "time never falls");
    if (more || tookMs > maxApplyMs) step({ type: "applied", entries: entries.length, tookMs });
  }

  /** A snapshot took the place of the state up to `index`. */
  skipped(index: number): void {
    invariant(index >= (this.#lastIndex ?? 0), "§7 a snapshot never takes the state machine back");
    this.#lastIndex = index;
  }

  #applyOne(entry: LogEntry): void {
    invariant(
      this.#lastIndex === undefined || entry.index === this.#lastIndex + 1,
      "§5.3 entries are applied in order, each once",
    );
    this.#lastIndex = entry.index;
    const { stateMachine, proposals } = this.#options;
    if (entry.type === "noop") return proposals.termApplied(entry.term);
    proposals.applied(entry, stateMachine.apply(entry.data, entry));
  }
}
