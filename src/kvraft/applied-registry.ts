import type { KvStore, RegistryEntry, RegistryEvent } from "../kv/index.ts";
import type { Clock } from "../ports/index.ts";
import { invariant } from "../raft/index.ts";
import { forgetEnd, whenEnded } from "../replica/index.ts";

/**
 * The registry as this replica has applied it: small named values beside the keys, which no client's key reaches. Changed by
 * `Clerk.register`. A replica may be behind the leader; `reached` waits.
 */
export interface RegistryView {
  /** Returns the value of a name with its revision, or undefined if there is none. Treat the bytes as read-only. */
  get(name: string): RegistryEntry | undefined;
  /** Returns all names that begin with a prefix, sorted, with their values. Default: all names. */
  entries(prefix?: string): RegistryEntry[];
  /** Returns the newest events, at most 1,000, oldest first. */
  events(): RegistryEvent[];
  /**
   * Cluster time in ms: that of the last command applied here, plus the time since, at most ten minutes of it. Never decreases
   * while the process runs.
   */
  readonly clockMs: number;
  /**
   * Calls `listener` after each change of the registry that this replica applies, and after each snapshot that it restores,
   * before anything else of the replica runs. It must be short, and must not throw.
   *
   * @returns a function that removes the listener
   */
  changed(listener: () => void): () => void;
  /**
   * Waits until this replica has applied the log entry of a revision.
   *
   * @param revision as `Clerk.register` returned it
   * @param signal ends the wait
   * @returns false if the signal ended the wait, or the replica stopped
   */
  reached(revision: number, signal: AbortSignal): Promise<boolean>;
}

/** Limit in ms of the time that counts after the last command. A leader stamps a command more often, see `ClusterClock`. */
const MAX_UNSTAMPED_MS = 10 * 60_000;

interface Wait {
  readonly revision: number;
  readonly end: (reached: boolean) => void;
}

export interface AppliedRegistryOptions {
  readonly store: Pick<KvStore, "registry" | "clockMs">;
  /** Only its monotonic time is read. */
  readonly clock: Clock;
}

/** A {@link RegistryView} of a store, by what is applied to it. */
export class AppliedRegistry implements RegistryView {
  readonly #store: Pick<KvStore, "registry" | "clockMs">;
  readonly #clock: Clock;
  readonly #listeners = new Set<() => void>();
  readonly #waits = new Set<Wait>();
  /** The index of the newest command, or of the newest snapshot's end. */
  #appliedTo = 0;
  #isEnded = false;
  /** Cluster time of the store, and the clock's time when it was applied. */
  #stampMs: number;
  #stampedAtMs: number;
  /** The highest time that was returned. */
  #latestMs = 0;

  constructor({ store, clock }: AppliedRegistryOptions) {
    this.#store = store;
    this.#clock = clock;
    this.#stampMs = store.clockMs;
    this.#stampedAtMs = clock.now();
  }

  get(name: string): RegistryEntry | undefined {
    return this.#store.registry.get(name);
  }

  entries(prefix?: string): RegistryEntry[] {
    return this.#store.registry.entries(prefix);
  }

  events(): RegistryEvent[] {
    return this.#store.registry.events();
  }

  get clockMs(): number {
    const sinceMs = this.#clock.now() - this.#stampedAtMs;
    invariant(sinceMs >= 0, "time never falls");
    const nowMs = Math.floor(this.#stampMs + Math.min(sinceMs, MAX_UNSTAMPED_MS));
    this.#latestMs = Math.max(this.#latestMs, nowMs);
    return this.#latestMs;
  }

  changed(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  reached(revision: number, signal: AbortSignal): Promise<boolean> {
    if (!Number.isSafeInteger(revision) || revision < 0) {
      throw new RangeError(`revision: must be an integer from 0, not ${revision}`);
    }
    if (revision <= this.#appliedTo) return Promise.resolve(true);
    if (signal.aborted || this.#isEnded) return Promise.resolve(false);
    return new Promise((resolve) => {
      const abandon = () => wait.end(false);
      const wait: Wait = {
        revision,
        end: (reached) => {
          this.#waits.delete(wait);
          forgetEnd(signal, abandon);
          resolve(reached);
        },
      };
      this.#waits.add(wait);
      whenEnded(signal, abandon);
    });
  }

  /** The store applied the command at an index. */
  applied(index: number, isChange: boolean): void {
    invariant(index > this.#appliedTo, "§5.3 each command is applied once, in the order of the log");
    this.#moved(index);
    if (isChange) this.#notify();
    this.#endWaits();
  }

  /** The store's state was replaced by that of a snapshot, which ends at an index. */
  restored(index: number): void {
    invariant(index >= this.#appliedTo, "§7 a snapshot never moves the state machine back");
    this.#moved(index);
    this.#notify();
    this.#endWaits();
  }

  /** The replica has stopped: nothing more will be applied. */
  ended(): void {
    this.#isEnded = true;
    for (const wait of [...this.#waits]) wait.end(false);
  }

  #moved(index: number): void {
    this.#appliedTo = index;
    const { clockMs } = this.#store;
    if (clockMs === this.#stampMs) return;
    invariant(clockMs > this.#stampMs, "docs/decisions/0011: cluster time never decreases");
    this.#stampMs = clockMs;
    this.#stampedAtMs = this.#clock.now();
  }

  #notify(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  #endWaits(): void {
    if (this.#waits.size === 0) return;
    for (const wait of [...this.#waits]) if (wait.revision <= this.#appliedTo) wait.end(true);
  }
}
