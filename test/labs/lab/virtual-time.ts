import type { World } from "../../../src/testing/simulator/world.ts";

interface Waiter {
  readonly holds: () => boolean;
  readonly wake: () => void;
}

/** No test of the labs takes longer, in virtual ms. */
const LONGEST_MS = 600_000;

/** Lets any number of activities wait for each other in the time of a simulated world. */
export class VirtualTime {
  readonly #world: Pick<World<unknown, unknown>, "scheduler" | "elapse" | "violation">;
  readonly #waiters = new Set<Waiter>();

  constructor(world: Pick<World<unknown, unknown>, "scheduler" | "elapse" | "violation">) {
    this.#world = world;
  }

  /** In ms. */
  get now(): number {
    return this.#world.scheduler.nowUs / 1000;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#world.scheduler.after(ms * 1000, undefined, resolve);
    });
  }

  /** Waits until a condition holds, which is looked at after each event. @returns whether it did within `ms` */
  within(ms: number, holds: () => boolean): Promise<boolean> {
    if (holds()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const end = (held: boolean) => {
        cancel();
        this.#waiters.delete(waiter);
        resolve(held);
      };
      const cancel = this.#world.scheduler.after(ms * 1000, undefined, () => end(false));
      const waiter = { holds, wake: () => end(true) };
      this.#waiters.add(waiter);
    });
  }

  /** Waits until a condition holds, and fails if that takes longer than `ms`. */
  async until(what: string, ms: number, holds: () => boolean): Promise<void> {
    if (!(await this.within(ms, holds))) throw new Error(`${what}: not within ${ms} ms`);
  }

  /**
   * Lets time pass until an activity has ended.
   *
   * @throws what the activity throws, and the first violation of a property
   */
  async run(activity: () => Promise<void>): Promise<void> {
    let ended = false;
    const running = activity().finally(() => {
      ended = true;
    });
    // Its errors are handled below, once virtual time has stopped.
    running.catch(() => {});
    while (!ended) {
      await this.#world.elapse(LONGEST_MS, () => ended || this.#wake());
      const { violation } = this.#world;
      if (violation !== undefined) throw new Error(`${violation.property}: ${violation.message}`);
      if (!ended && this.now >= LONGEST_MS) throw new Error(`still running after ${LONGEST_MS} ms`);
    }
    await running;
  }

  /** Wakes the activities whose condition holds. No virtual time passes while they run. */
  #wake(): boolean {
    let woke = false;
    for (const { holds, wake } of this.#waiters) {
      if (!holds()) continue;
      wake();
      woke = true;
    }
    return woke;
  }
}
