import type { Logger } from "../ports/index.ts";
import { invariant } from "../raft/index.ts";
import { isShortage } from "./shortage.ts";
import { TrackedWork } from "./tracked-work.ts";

/** The lifecycle of a replica: the work in flight, the first failure, and the shutdown. */
export class Lifecycle {
  /** Resolves when the replica has stopped: with what failed, or with undefined after an orderly shutdown. */
  readonly stopped: Promise<Error | undefined>;
  readonly #logger: Logger;
  readonly #halt: () => void;
  readonly #work: TrackedWork;
  #running = true;
  #failure: Error | undefined;
  #shutDown: Promise<void> | undefined;
  #reportStopped: (failure: Error | undefined) => void = () => {};

  /** @param halt called once, at the moment of the stop: ends everything that waits. What it throws is a bug */
  constructor(logger: Logger, halt: () => void) {
    this.#logger = logger;
    this.#halt = halt;
    this.#work = new TrackedWork((error) => this.fail(error));
    this.stopped = new Promise((resolve) => {
      this.#reportStopped = resolve;
    });
  }

  get isRunning(): boolean {
    return this.#running;
  }

  /** Makes the shutdown wait for a piece of work. If the work rejects, the replica fails. */
  track(work: Promise<void>): void {
    this.#work.track(work);
  }

  /** Resolves when all tracked work has ended. */
  settled(): Promise<void> {
    return this.#work.settled();
  }

  /**
   * Stops the replica after a bug or a failure of the device: nothing may be acknowledged any more. A shortage of space
   * is no failure, because it is tried again.
   */
  fail(error: unknown): void {
    if (!this.#running || isShortage(error)) return;
    this.#failure = error instanceof Error ? error : new Error(String(error));
    this.#logger.error("stopped: {failure}", { event: "replica.failed", failure: this.#failure.message });
    this.#stop();
    this.#reportStopped(this.#failure);
  }

  /**
   * Stops the replica and releases what it holds. Idempotent.
   *
   * @param releases called in this order, each after the one before has ended, even if that one failed
   * @throws what failed while the replica ran, or during the shutdown
   */
  shutDown(releases: readonly (() => Promise<void>)[]): Promise<void> {
    this.#shutDown ??= this.#release(releases);
    return this.#shutDown;
  }

  async #release(releases: readonly (() => Promise<void>)[]): Promise<void> {
    if (this.#running) this.#stop();
    const failures = new Set<unknown>(this.#failure === undefined ? [] : [this.#failure]);
    for (const release of releases) {
      await release().catch((error: unknown) => {
        failures.add(error);
      });
    }
    this.#reportStopped(this.#failure);
    const [first, ...others] = failures;
    if (others.length > 0) throw new AggregateError(failures, "several things failed while the replica ran");
    if (first !== undefined) throw first;
  }

  #stop(): void {
    invariant(this.#running, "a replica stops once");
    this.#running = false;
    try {
      this.#halt();
    } catch (error) {
      // A bug that stopped the replica may show again while waits end. The replica stops nevertheless.
      this.#failure ??= error instanceof Error ? error : new Error(String(error));
      this.#logger.error("failed while it stopped: {failure}", {
        event: "replica.stopFailed",
        failure: String(error),
      });
    }
  }
}
