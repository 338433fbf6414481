import { type Clock, type Logger, PersisterError } from "../ports/index.ts";
import { invariant } from "../raft/index.ts";

const shortestPauseMs = 100;
const longestPauseMs = 5000;

export interface ShortageOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** What is not done meanwhile, as the second half of a sentence that begins with the reason. */
  readonly consequence: string;
}

/**
 * One kind of write that the storage refuses for lack of space. It is tried again after growing pauses. Its begin and
 * its end are logged, not every attempt.
 */
export class Shortage {
  readonly #options: ShortageOptions;
  #text: string | undefined;
  #pauseMs = shortestPauseMs;
  readonly #endPauses = new Set<() => void>();
  #stopped = false;

  constructor(options: ShortageOptions) {
    this.#options = options;
  }

  /** The reason and the consequence, as a sentence. Undefined if there is no shortage. */
  get text(): string | undefined {
    return this.#text;
  }

  /** After `stop` nothing is tried again. */
  get isStopped(): boolean {
    return this.#stopped;
  }

  /** Waits until it is time to try again, or until `stop`. */
  pause(reason: PersisterError): Promise<void> {
    const { clock, logger, consequence } = this.#options;
    if (this.#text === undefined) {
      this.#text = `${reason.message}: ${consequence}`;
      logger.warn("{shortage}", { event: "disk.shortage", shortage: this.#text });
    }
    const delayMs = this.#pauseMs;
    invariant(delayMs >= shortestPauseMs && delayMs <= longestPauseMs, "a pause is within its limits");
    this.#pauseMs = Math.min(2 * delayMs, longestPauseMs);
    if (this.#stopped) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        this.#endPauses.delete(end);
        resolve();
      };
      const cancel = clock.setTimer(delayMs, end);
      this.#endPauses.add(end);
    });
  }

  /** The write succeeded. */
  over(): void {
    if (this.#text === undefined) return;
    this.#options.logger.info("no longer: {shortage}", { event: "disk.shortageOver", shortage: this.#text });
    this.#text = undefined;
    this.#pauseMs = shortestPauseMs;
  }

  /** Ends all pauses. */
  stop(): void {
    this.#stopped = true;
    for (const end of this.#endPauses) end();
  }
}

/** The kinds of writes that may lack space. */
export class Shortages {
  readonly writes: Shortage;
  readonly snapshots: Shortage;

  constructor(clock: Clock, logger: Logger) {
    this.writes = new Shortage({
      ...{ clock, logger },
      consequence: "this replica stores no new entries until that ends",
    });
    this.snapshots = new Shortage({ clock, logger, consequence: "no snapshot is saved until that ends" });
  }

  /** The reason and the consequence, as a sentence. Undefined if there is no shortage. */
  get text(): string | undefined {
    return this.writes.text ?? this.snapshots.text;
  }

  stop(): void {
    this.writes.stop();
    this.snapshots.stop();
  }
}

export function isShortage(error: unknown): error is PersisterError {
  return error instanceof PersisterError && error.reason === "full";
}
