import { problem } from "./problems.ts";

/** Number of requests that may wait for the store, with and without a known leader. */
export interface WaitingLimits {
  readonly most: number;
  readonly mostWithoutLeader: number;
}

/** Without a leader each request retries until its timeout. A thousand of them keep one core busy. */
const defaultLimits: WaitingLimits = { most: 8192, mostWithoutLeader: 1024 };

/**
 * Limits the requests that wait for the store. Further requests are refused at once, so that probes still get answers.
 */
export class WaitingRequests {
  readonly #knowsLeader: () => boolean;
  readonly #limits: WaitingLimits;
  #count = 0;
  /** Releases one request's slot. All slots are alike. */
  readonly #slot: Disposable = {
    [Symbol.dispose]: () => {
      this.#count--;
    },
  };

  constructor(knowsLeader: () => boolean, limits: WaitingLimits = defaultLimits) {
    this.#knowsLeader = knowsLeader;
    this.#limits = limits;
  }

  /** Reserves a slot, which the caller disposes of with the response. Returns undefined if none is free. */
  take(): Disposable | undefined {
    if (!this.#hasFreeSlot()) return undefined;
    this.#count++;
    return this.#slot;
  }

  /** Returns the response to a request without a slot. */
  refusal(): Response {
    return problem("overloaded", `${this.#count} requests are waiting at this replica`);
  }

  #hasFreeSlot(): boolean {
    const { most, mostWithoutLeader } = this.#limits;
    if (this.#count < mostWithoutLeader) return true;
    return this.#count < most && this.#knowsLeader();
  }
}
