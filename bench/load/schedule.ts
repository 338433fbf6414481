/** When the requests of an open loop are due; fixed before the first of them. */
export interface Schedule {
  /** In ms since 1970, for each thread counts its own time from when it began. */
  readonly beginMs: number;
  readonly perSecond: number;
  readonly total: number;
}

/** In ms since 1970. */
export function dueMs({ beginMs, perSecond }: Schedule, n: number): number {
  return beginMs + (1000 * n) / perSecond;
}

/** In ms since 1970, with fractions. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now();
}
