/** What the bodies of requests may take of a replica while they come in. */
export interface BodyLimits {
  /** Memory in bytes for the bodies under way; a body counts with its whole length from its beginning. */
  readonly budgetBytes: number;
  /** Time in ms without a byte after which a body is given up. */
  readonly idleMs: number;
  /** Rate in bytes per second below which a body is given up, once it has had `idleMs` to begin. */
  readonly minBytesPerSecond: number;
  /** Time in ms that a request waits for its share of the budget. */
  readonly waitMs: number;
}

/** A body of 1 MiB may take four minutes over a bad link, a body of 100 bytes ten seconds. */
export const bodyLimits: BodyLimits = {
  budgetBytes: 64 << 20,
  idleMs: 10_000,
  minBytesPerSecond: 4 << 10,
  waitMs: 2000,
};

/** Bodies up to this length, in bytes, are read whole: how far they have come is not seen. */
export const smallBodyBytes: number = 64 << 10;
