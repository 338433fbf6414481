/** The due times of an open loop's requests, fixed in advance. */
export interface Schedule {
  /** In ms since 1970, because each thread has its own monotonic clock. */
  readonly beginMs: number;
  readonly perSecond: number;
  readonly total: number;
}

/** Returns the due time of request `n` in ms since 1970. */
export function dueMs({ beginMs, perSecond }: Schedule, n: number): number {
  return beginMs + (1000 * n) / perSecond;
}

/** Returns the current time in ms since 1970, with fractions. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now();
}
