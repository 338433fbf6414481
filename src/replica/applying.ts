import type { Clock, StateMachine } from "../ports/index.ts";
import { type Input, invariant, type LogEntry, type Ready } from "../raft/index.ts";
import type { Proposals } from "./proposals.ts";

export interface ApplyingOptions<Result> {
  readonly stateMachine: StateMachine<Result>;
  /** The waiters to answer after each entry. */
  readonly proposals: Proposals<Result>;
  readonly clock: Clock;
  /** Slices that take longer are reported to the core, in ms. */
  readonly maxApplyMs: number;
  readonly step: (input: Input) => void;
}

/** Applies what the core hands out, and reports how long it took. */
export class Applying<Result> {
  readonly #options: ApplyingOptions<Result>;
  /** The index of the last entry that was applied; undefined before the first. */
  #lastIndex: number | undefined;

  constructor(options: ApplyingOptions<Result>) {
    this.#options = options;
  }

  /** Applies one slice without a pause: nothing else of the replica runs meanwhile. */
  apply({ apply: entries, more }: Ready): void {
    if (entries.length === 0) return;
    const { clock, maxApplyMs, step } = this.#options;
    const startedMs = clock.now();
    for (const entry of entries) this.#applyOne(entry);
    const tookMs = clock.now() - startedMs;
    invariant(tookMs >= 0, "time never falls");
    if (more || tookMs > maxApplyMs) step({ type: "applied", entries: entries.length, tookMs });
  }

  /** A snapshot replaced the state up to `index`. */
  skipped(index: number): void {
    invariant(index >= (this.#lastIndex ?? 0), "§7 a snapshot never moves the state machine back");
    this.#lastIndex = index;
  }

  #applyOne(entry: LogEntry): void {
    invariant(
      this.#lastIndex === undefined || entry.index === this.#lastIndex + 1,
      "§5.3 entries are applied in order, each once",
    );
    this.#lastIndex = entry.index;
    const { stateMachine, proposals } = this.#options;
    if (entry.type !== "command") return proposals.termApplied(entry.term);
    proposals.applied(entry, stateMachine.apply(entry.data, entry));
  }
}
