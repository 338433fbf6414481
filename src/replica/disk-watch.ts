import type { Clock, DiskHealth, Logger } from "../ports/index.ts";
import { invariant, type ReplicaId } from "../raft/index.ts";

/** A write counts as hanging after this time, in ms: it may never end. */
export const DISK_HANGS_MS = 10_000;

/** Shortest time between two warnings about slow writes, in ms. After as long without a slow write they are over. */
const TELL_EVERY_MS = 60_000;

export interface DiskWatchOptions {
  readonly id: ReplicaId;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The shortest election timeout, in ms. */
  readonly electionTimeoutMs: number;
  /** Called when a write begins to hang. */
  readonly hangs: () => void;
}

/** Watches the writes of one replica, one at a time, and logs those that take too long. */
export class DiskWatch {
  readonly #options: DiskWatchOptions;
  readonly #slowMs: number;
  #beganMs: number | undefined;
  #lastWriteMs: number | undefined;
  #hangs = false;
  #cancelTimer: (() => void) | undefined;
  /** The slow writes since the last warning, the time of that warning, and the end of the last slow write, in ms. */
  #untold = 0;
  #toldMs: number | undefined;
  #lastSlowMs = Number.NEGATIVE_INFINITY;

  constructor(options: DiskWatchOptions) {
    this.#options = options;
    this.#slowMs = options.electionTimeoutMs / 3;
  }

  get hangs(): boolean {
    return this.#hangs;
  }

  health(): Omit<DiskHealth, "shortage"> {
    const beganMs = this.#beganMs;
    return {
      writeInFlightMs: beganMs === undefined ? undefined : this.#options.clock.now() - beganMs,
      lastWriteMs: this.#lastWriteMs,
      hangs: this.#hangs,
    };
  }

  /** Begins a write and waits for it. The beginning counts too, because a disk may block in it. */
  async during(write: () => Promise<void>): Promise<void> {
    const { clock } = this.#options;
    const beganMs = clock.now();
    invariant(this.#beganMs === undefined, "one write is in flight");
    this.#beganMs = beganMs;
    this.#setTimer(DISK_HANGS_MS);
    try {
      await write();
    } finally {
      this.#beganMs = undefined;
      this.#ended(clock.now(), clock.now() - beganMs);
    }
  }

  stop(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  /** One timer for all writes, because one for each would slow every write down. */
  #setTimer(delayMs: number): void {
    this.#cancelTimer ??= this.#options.clock.setTimer(delayMs, () => this.#look());
  }

  #look(): void {
    this.#cancelTimer = undefined;
    if (this.#beganMs === undefined || this.#hangs) return;
    const leftMs = this.#beganMs + DISK_HANGS_MS - this.#options.clock.now();
    if (leftMs > 0) return this.#setTimer(leftMs);
    this.#hangs = true;
    const { id, logger, hangs } = this.#options;
    logger.error(
      "the disk of {id} has not finished a write for {seconds} s: until it does, {id} refuses what it could answer " +
        "only after it",
      { event: "disk.hangs", id, seconds: DISK_HANGS_MS / 1000 },
    );
    hangs();
  }

  #ended(nowMs: number, tookMs: number): void {
    this.#lastWriteMs = tookMs;
    const { id, logger } = this.#options;
    if (this.#hangs) {
      this.#hangs = false;
      logger.warn("the disk of {id} finished a write after {seconds} s: {id} takes part again", {
        event: "disk.recovered",
        id,
        seconds: Math.round(tookMs / 1000),
      });
    } else if (tookMs > this.#slowMs) {
      this.#slow(nowMs, tookMs);
    } else if (this.#toldMs !== undefined && nowMs - this.#lastSlowMs >= TELL_EVERY_MS) {
      this.#toldMs = undefined;
      logger.info("the disk of {id} has had no slow write for {seconds} s", {
        event: "disk.recovered",
        id,
        seconds: Math.round((nowMs - this.#lastSlowMs) / 1000),
      });
    }
  }

  #slow(nowMs: number, tookMs: number): void {
    this.#lastSlowMs = nowMs;
    if (this.#toldMs !== undefined && nowMs - this.#toldMs < TELL_EVERY_MS) {
      this.#untold++;
      return;
    }
    const { id, logger, electionTimeoutMs } = this.#options;
    const others = this.#untold === 0 ? "" : `, and ${this.#untold} others as slow since the last such line`;
    logger.warn(
      "a write to the disk of {id} took {ms} ms{others}: more than a third of the shortest election timeout " +
        "({electionTimeoutMs} ms) slows elections down",
      { event: "disk.slow", id, ms: Math.round(tookMs), others, electionTimeoutMs },
    );
    this.#toldMs = nowMs;
    this.#untold = 0;
  }
}
