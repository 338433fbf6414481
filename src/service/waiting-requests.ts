import type { Handler } from "hono";
import { problem } from "./problems.ts";

/** How many requests to the store may be under way, while a leader is known and while none is. */
export interface WaitingLimits {
  readonly most: number;
  readonly mostWithoutLeader: number;
}

/** Without a leader each request waits until its time is up, and asks again and again: a thousand keep one core busy. */
const defaultLimits: WaitingLimits = { most: 8192, mostWithoutLeader: 1024 };

/** Bounds the requests that wait for the store. What comes beyond is refused at once, so that probes are answered. */
export class WaitingRequests {
  readonly #knowsLeader: () => boolean;
  readonly #limits: WaitingLimits;
  #count = 0;

  constructor(knowsLeader: () => boolean, limits: WaitingLimits = defaultLimits) {
    this.#knowsLeader = knowsLeader;
    this.#limits = limits;
  }

  /** The handler, for as many requests at once as may wait. */
  limit(handler: Handler): Handler {
    return async (c, next) => {
      if (!this.#hasRoom()) return problem("overloaded", `${this.#count} requests wait here already`);
      this.#count++;
      try {
        return await handler(c, next);
      } finally {
        this.#count--;
      }
    };
  }

  #hasRoom(): boolean {
    const { most, mostWithoutLeader } = this.#limits;
    if (this.#count < mostWithoutLeader) return true;
    return this.#count < most && this.#knowsLeader();
  }
}
