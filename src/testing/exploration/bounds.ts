/** The bounds of an exploration, all whole numbers. */
export interface ExplorationBounds {
  /** Maximum number of actions in a sequence. */
  readonly depth: number;
  /** 1 to 5. */
  readonly replicas: number;
  /** No replica campaigns for a term above this. */
  readonly terms: number;
  /** Number of proposals, at any leader. */
  readonly proposals: number;
  /** Number of crashes: a replica loses the write in flight and restarts. */
  readonly crashes: number;
  /** Number of times that a leader's heartbeat timer fires. */
  readonly heartbeats: number;
  /** Number of lost messages, whose calls fail. */
  readonly losses: number;
  /** Number of requests that arrive a second time. */
  readonly repeats: number;
}

/** Bounds that an exploration keeps if it is given no others. */
export const defaultBounds: ExplorationBounds = {
  depth: 15,
  replicas: 3,
  terms: 2,
  proposals: 2,
  crashes: 1,
  heartbeats: 1,
  losses: 0,
  repeats: 0,
};

/** The actions that use up a bound. */
export const spendings = ["proposals", "crashes", "heartbeats", "losses", "repeats"] as const;
export type Spending = (typeof spendings)[number];

const LARGEST: ExplorationBounds = {
  depth: 100,
  replicas: 5,
  terms: 9,
  proposals: 15,
  crashes: 15,
  heartbeats: 15,
  losses: 15,
  repeats: 15,
};

/** @throws RangeError naming the bound, its value and what is allowed */
export function checkBounds(bounds: ExplorationBounds): void {
  for (const [name, value] of Object.entries(bounds)) {
    const largest = Reflect.get(LARGEST, name);
    const least = name === "replicas" ? 1 : 0;
    if (!Number.isSafeInteger(value) || value < least || value > largest) {
      throw new RangeError(`${name}: a whole number from ${least} to ${largest}, not ${value}`);
    }
  }
}
