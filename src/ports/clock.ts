/** Time as a replica sees it. In a simulation all of it is virtual. */
export interface Clock {
  /** Milliseconds since some fixed moment; never falls. */
  now(): number;
  /** Calls back once, after at least `delayMs`. The result cancels it. */
  setTimer(delayMs: number, callback: () => void): () => void;
  /** Calls back once, after whatever I/O is ready now has been handled. */
  defer(callback: () => void): void;
}

/** A source of randomness: a number in [0, 1). */
export type Random = () => number;
