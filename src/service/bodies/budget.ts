import { type BodyLimits, smallBodyBytes } from "./body-limits.ts";
import type { IncomingBody } from "./incoming-body.ts";

/**
 * A body may be ended in favour of others if no byte came for this time (ms), or if it is slower than this rate (bytes
 * per ms).
 */
const stalledMs = 1000;
const slowRate = 16;
/** Bodies of up to this multiple of the budget may wait. Bun buffers what arrives in the meantime. */
const waitingShare = 2;
/** One part in this many is reserved for small bodies, so that large ones cannot keep them out. */
const smallShare = 8;

/** A request that waits for memory. */
interface Waiting {
  readonly body: IncomingBody;
  readonly since: number;
  readonly resolve: (granted: boolean) => void;
}

/**
 * Allocates memory to incoming bodies. If none is left, the slowest body is ended, so clients that hold connections
 * without sending go first.
 */
export class BodyBudget {
  readonly #limits: BodyLimits;
  readonly #inFlight = new Set<IncomingBody>();
  #queue: Waiting[] = [];
  #reservedBytes = 0;
  #waitingBytes = 0;

  constructor(limits: BodyLimits) {
    this.#limits = limits;
  }

  get isIdle(): boolean {
    return this.#inFlight.size === 0 && this.#queue.length === 0;
  }

  get reservedBytes(): number {
    return this.#reservedBytes;
  }

  /** The bodies that have memory. */
  inFlight(): readonly IncomingBody[] {
    return [...this.#inFlight];
  }

  /** Refuses all waiting requests, or only those that have waited since before a time. */
  refuseWaiting(before: number = Number.POSITIVE_INFINITY): void {
    const refused = this.#queue.filter(({ since }) => since <= before);
    if (refused.length === 0) return;
    this.#queue = this.#queue.filter(({ since }) => since > before);
    for (const { body, resolve } of refused) {
      this.#waitingBytes -= body.reservedBytes;
      resolve(false);
    }
  }

  /**
   * Resolves to whether the body got its memory: at once if it fits or if too much is waiting, otherwise within
   * `waitMs`.
   */
  admit(body: IncomingBody, now: number): boolean | Promise<boolean> {
    if (this.admitNow(body)) return true;
    if (this.#waitingBytes + body.reservedBytes > this.#limits.budgetBytes / waitingShare) return false;
    return new Promise((resolve) => {
      this.#queue.push({ body, since: now, resolve });
      this.#waitingBytes += body.reservedBytes;
      this.settle(now);
    });
  }

  /** Gives a body its memory if that is free now. Returns whether it was. */
  admitNow(body: IncomingBody): boolean {
    if (!this.#fits(body) || (this.#queue.length > 0 && !isSmall(body))) return false;
    this.#take(body);
    return true;
  }

  /**
   * Gives a body more memory than it started with, because its sender declared no length. Returns whether there was
   * enough.
   */
  grow(body: IncomingBody, bytes: number): boolean {
    if (this.#reservedBytes + bytes > this.#limits.budgetBytes) return false;
    body.reservedBytes += bytes;
    this.#reservedBytes += bytes;
    return true;
  }

  /** Returns whether the body had memory. */
  release(body: IncomingBody, now: number): boolean {
    if (!this.#inFlight.delete(body)) return false;
    this.#reservedBytes -= body.reservedBytes;
    if (this.#queue.length > 0) this.settle(now);
    return true;
  }

  /** Admits waiting bodies that fit, ends bodies that are too slow, and refuses those whose waiting time is over. */
  settle(now: number): void {
    while (this.#admitFirst()) if (this.#queue.length === 0) return;
    if (this.#queue.length > 0) this.#slowest(now)?.end("overtaken");
    this.refuseWaiting(now - this.#limits.waitMs);
  }

  #admitFirst(): boolean {
    const [first] = this.#queue;
    if (first === undefined || !this.#fits(first.body)) return false;
    this.#queue.shift();
    this.#waitingBytes -= first.body.reservedBytes;
    this.#take(first.body);
    first.resolve(true);
    return true;
  }

  #take(body: IncomingBody): void {
    this.#inFlight.add(body);
    this.#reservedBytes += body.reservedBytes;
  }

  #fits(body: IncomingBody): boolean {
    const { budgetBytes } = this.#limits;
    const most = isSmall(body) ? budgetBytes : budgetBytes - budgetBytes / smallShare;
    return this.#reservedBytes + body.reservedBytes <= most;
  }

  /** Returns the slowest of the bodies that are too slow, if any. */
  #slowest(now: number): IncomingBody | undefined {
    let slowest: IncomingBody | undefined;
    for (const body of this.#inFlight) {
      const isSlow = now - body.startedAt >= stalledMs && body.rate(now) < slowRate;
      if (body.isEnded || (!isSlow && body.idleMs(now) < stalledMs)) continue;
      if (slowest === undefined || body.rate(now) < slowest.rate(now)) slowest = body;
    }
    return slowest;
  }
}

function isSmall({ reservedBytes }: IncomingBody): boolean {
  return reservedBytes <= smallBodyBytes;
}
