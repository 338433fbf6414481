/** The result of a load, whichever program ran it. */
export interface LoadReport {
  /** Answers within `seconds`. */
  readonly count: number;
  readonly seconds: number;
  /** All answers, including those of the warm-up. */
  readonly total: number;
  /** Wrong answers, and a description of the last. */
  readonly failed: number;
  readonly failure?: string;
  /** Gets of absent keys. */
  readonly absent: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
  /** CPU of the load generator, in percent of a core. */
  readonly loadCpuPercent: number;
}
