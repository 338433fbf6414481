/** Limits for incoming request bodies. */
export interface BodyLimits {
  /** Memory in bytes for all incoming bodies. A body counts with its full length from the start. */
  readonly budgetBytes: number;
  /** Time in ms without a byte after which a body is abandoned. */
  readonly idleMs: number;
  /** Minimum rate in bytes per second. A slower body is abandoned after its first `idleMs`. */
  readonly minBytesPerSecond: number;
  /** Time in ms that a request waits for memory. */
  readonly waitMs: number;
}

/** With these a body of 1 MiB may take four minutes over a bad link, and a body of 100 bytes ten seconds. */
export const bodyLimits: BodyLimits = {
  budgetBytes: 64 << 20,
  idleMs: 10_000,
  minBytesPerSecond: 4 << 10,
  waitMs: 2000,
};

/** Bodies up to this length, in bytes, are read in one piece, so their progress is unknown. */
export const smallBodyBytes: number = 64 << 10;
