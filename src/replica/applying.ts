import type { Clock, StateMachine } from "../ports/index.ts";
import type { Input, LogEntry, Ready } from "../raft/index.ts";
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
    if (more || tookMs > maxApplyMs) step({ type: "applied", entries: entries.length, tookMs });
  }

  #applyOne(entry: LogEntry): void {
    const { stateMachine, proposals } = this.#options;
    if (entry.type === "noop") return proposals.termApplied(entry.term);
    proposals.applied(entry, stateMachine.apply(entry.data, entry));
  }
}
