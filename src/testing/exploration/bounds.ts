/** How far an exploration goes. All are whole numbers. */
export interface ExplorationBounds {
  /** The longest sequence of actions. */
  readonly depth: number;
  readonly replicas: number;
  /** No replica campaigns for a term above this. */
  readonly terms: number;
  readonly proposals: number;
  /** A replica crashes, loses the write under way, and starts again. */
  readonly crashes: number;
  /** A leader's heartbeat timer fires. */
  readonly heartbeats: number;
  /** A message is lost, and its call fails. */
  readonly losses: number;
  /** A request arrives a second time. */
  readonly repeats: number;
}

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

/** What uses up a bound besides depth and terms. */
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

/** @throws RangeError that names the bound, its value and what is allowed */
export function checkBounds(bounds: ExplorationBounds): void {
  for (const [name, value] of Object.entries(bounds)) {
    const largest = Reflect.get(LARGEST, name);
    const least = name === "replicas" ? 1 : 0;
    if (!Number.isSafeInteger(value) || value < least || value > largest) {
      throw new RangeError(`${name}: a whole number from ${least} to ${largest}, not ${value}`);
    }
  }
}
