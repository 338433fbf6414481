import { type BodyLimits, smallBodyBytes } from "./body-limits.ts";
import type { IncomingBody } from "./incoming-body.ts";

/** A body without a byte for this time, in ms, or one that is slower than this rate, in bytes per ms, makes room for others. */
const stalledMs = 1000;
const slowRate = 16;
/** As much of the budget once more may wait for it; Bun keeps what comes in the meantime. */
const waitingShare = 2;
/** One in so many bytes is for small bodies alone, so that large ones can't keep them out. */
const smallShare = 8;

/** A request that waits for its share. */
interface Waiting {
  readonly body: IncomingBody;
  readonly since: number;
  readonly resolve: (granted: boolean) => void;
}

/**
 * Hands out the memory for bodies under way. If there is none left, the body that comes slowest makes room: clients that
 * hold connections without sending are the first to go.
 */
export class BodyBudget {
  readonly #limits: BodyLimits;
  readonly #underWay = new Set<IncomingBody>();
  #queue: Waiting[] = [];
  #reservedBytes = 0;
  #waitingBytes = 0;

  constructor(limits: BodyLimits) {
    this.#limits = limits;
  }

  get isIdle(): boolean {
    return this.#underWay.size === 0 && this.#queue.length === 0;
  }

  get reservedBytes(): number {
    return this.#reservedBytes;
  }

  /** The bodies that have their share. */
  underWay(): readonly IncomingBody[] {
    return [...this.#underWay];
  }

  /** Refuses all that wait, or those alone that have waited since before a time. */
  refuseWaiting(before: number = Number.POSITIVE_INFINITY): void {
    const refused = this.#queue.filter(({ since }) => since <= before);
    if (refused.length === 0) return;
    this.#queue = this.#queue.filter(({ since }) => since > before);
    for (const { body, resolve } of refused) {
      this.#waitingBytes -= body.reservedBytes;
      resolve(false);
    }
  }

  /** Resolves to whether the body got its share: at once if it fits, or if too much waits already, else within `waitMs`. */
  admit(body: IncomingBody, now: number): boolean | Promise<boolean> {
    if (this.#fits(body) && (this.#queue.length === 0 || isSmall(body))) {
      this.#take(body);
      return true;
    }
    if (this.#waitingBytes + body.reservedBytes > this.#limits.budgetBytes / waitingShare) return false;
    return new Promise((resolve) => {
      this.#queue.push({ body, since: now, resolve });
      this.#waitingBytes += body.reservedBytes;
      this.settle(now);
    });
  }

  /** Gives a body more than it began with, which its sender did not announce. Returns whether there was enough. */
  grow(body: IncomingBody, bytes: number): boolean {
    if (this.#reservedBytes + bytes > this.#limits.budgetBytes) return false;
    body.reservedBytes += bytes;
    this.#reservedBytes += bytes;
    return true;
  }

  release(body: IncomingBody, now: number): void {
    if (!this.#underWay.delete(body)) return;
    this.#reservedBytes -= body.reservedBytes;
    if (this.#queue.length > 0) this.settle(now);
  }

  /** Lets those in that fit, ends what is too slow to be waited for, and gives up those that have waited enough. */
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
    this.#underWay.add(body);
    this.#reservedBytes += body.reservedBytes;
  }

  #fits(body: IncomingBody): boolean {
    const { budgetBytes } = this.#limits;
    const most = isSmall(body) ? budgetBytes : budgetBytes - budgetBytes / smallShare;
    return this.#reservedBytes + body.reservedBytes <= most;
  }

  /** The slowest of those that come too slowly to be waited for, if any. */
  #slowest(now: number): IncomingBody | undefined {
    let slowest: IncomingBody | undefined;
    for (const body of this.#underWay) {
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
