import type { PersisterError } from "../../../ports/index.ts";
import type { Mark } from "../marks/index.ts";
import { Violation } from "../monitor/index.ts";

/** One start of a process on a copy. */
export interface CopiedStart {
  /** Number of processes that have started on the data, including this one. */
  readonly starts: number;
  /** A peer refused a message of the process. */
  refused(): void;
  /** The process has learned that it runs on a copy. */
  informed(): void;
}

/** Supervises a machine whose disk is a copy. */
export interface Supervisor {
  /** @param era how many processes were started on the machine, including this one */
  copied(era: number): CopiedStart;
  /** A process has started and takes part. */
  started(): void;
  /**
   * A process ended, or failed to start.
   *
   * @returns whether such a process may end this way
   */
  stopped(reason: PersisterError["reason"] | undefined, how: { readonly wasRunning: boolean }): boolean;
}

export interface CopyKeeperOptions {
  /** Number of processes that had started on the data when it was copied. */
  readonly starts: number;
  /** Whether the original runs as well. */
  readonly isClone: boolean;
  /** Called when a process first learns that it runs on a copy and is about to mark its data. */
  readonly marks: () => void;
  /** Restarts a process that ended, as a supervisor does. */
  readonly restart: () => void;
  readonly hit: (mark: Mark) => void;
  readonly report: (violation: Violation) => void;
}

/**
 * Knows how a process on a copy may end: it learns of the newer copy, marks its data, stops, and never starts on that
 * data again.
 */
export class CopySupervisor implements Supervisor {
  readonly #options: CopyKeeperOptions;
  #isInformed = false;
  /** A process stopped because it learned of a newer copy: its data is marked. */
  #isMarked = false;

  constructor(options: CopyKeeperOptions) {
    this.#options = options;
  }

  copied(era: number): CopiedStart {
    const { starts, isClone, hit, marks } = this.#options;
    return {
      starts: starts + era,
      refused: () =>
        hit(isClone ? "a clone of a replica's data refused" : "an older copy of a replica's data refused"),
      informed: () => {
        if (!this.#isInformed) marks();
        this.#isInformed = true;
      },
    };
  }

  started(): void {
    const { hit, report } = this.#options;
    if (this.#isMarked) report(new Violation("rule", "a replica starts on data that it gave up as a copy"));
    else if (this.#isInformed) hit("a loss of power before a copy is marked");
  }

  stopped(
    reason: PersisterError["reason"] | undefined,
    { wasRunning }: { readonly wasRunning: boolean },
  ): boolean {
    const { hit, restart } = this.#options;
    // The leader's proof: the copy lacks what was counted (decision 6).
    if (reason === "storageLost") return true;
    if (reason !== "outdated" || !this.#isInformed) return false;
    if (wasRunning) {
      this.#isMarked = true;
      restart();
    } else hit("a copy that is marked does not start");
    return true;
  }
}
