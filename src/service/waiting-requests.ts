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
  /** All places are alike. */
  readonly #place: Disposable = {
    [Symbol.dispose]: () => {
      this.#count--;
    },
  };

  constructor(knowsLeader: () => boolean, limits: WaitingLimits = defaultLimits) {
    this.#knowsLeader = knowsLeader;
    this.#limits = limits;
  }

  /** A place, to be disposed of when the request is answered; undefined if there is none. */
  take(): Disposable | undefined {
    if (!this.#hasRoom()) return undefined;
    this.#count++;
    return this.#place;
  }

  /** The answer to a request for which there is no place. */
  refusal(): Response {
    return problem("overloaded", `${this.#count} requests wait here already`);
  }

  #hasRoom(): boolean {
    const { most, mostWithoutLeader } = this.#limits;
    if (this.#count < mostWithoutLeader) return true;
    return this.#count < most && this.#knowsLeader();
  }
}
