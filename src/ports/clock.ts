/** A replica's source of time. In a simulation the time is virtual. */
export interface Clock {
  /** Returns ms since a fixed moment. Never decreases. */
  now(): number;
  /** Calls back once, after at least `delayMs`. @returns a function that cancels the timer */
  setTimer(delayMs: number, callback: () => void): () => void;
  /** Calls back once, after all I/O that is ready now was handled. */
  defer(callback: () => void): void;
}

/** A source of randomness: a number in [0, 1). */
export type Random = () => number;
