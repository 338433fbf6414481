/** The owner of events: a machine that may be paused, or one run of a process, which ends. */
export interface Host {
  readonly alive: boolean;
  /** Nothing happens here before this time, in microseconds. */
  readonly pausedUntilUs: number;
}

interface Event {
  atUs: number;
  readonly sequence: number;
  readonly host: Host | undefined;
  run: (() => void) | undefined;
}

/**
 * Virtual time: events in the order of (time, sequence). All microtasks run between two of them, so that the effects of
 * an event are complete before the next one.
 */
export class Scheduler {
  /** The current time in microseconds. */
  nowUs = 0;
  /** The number of events so far. */
  happened = 0;
  readonly #heap: Event[] = [];
  #sequence = 0;

  /** Schedules an event after `delayUs`. The result cancels it. */
  after(delayUs: number, host: Host | undefined, run: () => void): () => void {
    const event: Event = { atUs: this.nowUs + Math.max(0, delayUs), sequence: this.#sequence++, host, run };
    push(this.#heap, event);
    return () => {
      event.run = undefined;
    };
  }

  /**
   * Lets time pass up to `endUs`, or until `done` returns true, called after each event.
   *
   * @param settled called after each event and its effects
   * @param limit maximum number of events in all
   * @returns whether `done` returned true
   */
  run(
    endUs: number,
    { done, settled, limit }: { done: () => boolean; settled: () => void; limit: number },
  ): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const turn = () => {
        try {
          settled();
          if (done()) return resolve(true);
          if (this.happened >= limit) throw new EventLimitExceeded(limit);
          if (!this.#runNext(endUs)) {
            this.nowUs = Math.max(this.nowUs, endUs);
            return resolve(false);
          }
        } catch (error) {
          return reject(error);
        }
        nextTurn(turn);
      };
      nextTurn(turn);
    });
  }

  #runNext(endUs: number): boolean {
    for (;;) {
      const event = this.#heap[0];
      if (event === undefined || event.atUs > endUs) return false;
      pop(this.#heap);
      const { run, host } = event;
      if (run === undefined || host?.alive === false) continue;
      if (host !== undefined && host.pausedUntilUs > event.atUs) {
        // Delayed events keep their order.
        event.atUs = host.pausedUntilUs;
        push(this.#heap, event);
        continue;
      }
      this.nowUs = event.atUs;
      this.happened++;
      run();
      return true;
    }
  }
}

/** More events than allowed: something loops. */
export class EventLimitExceeded extends Error {
  override readonly name = "EventLimitExceeded";

  constructor(limit: number) {
    super(`more than ${limit} events`);
  }
}

type Immediate = (callback: () => void) => unknown;

/** All microtasks run before the next turn of the event loop. */
const nextTurn: Immediate =
  (globalThis as { setImmediate?: Immediate }).setImmediate ?? ((callback) => setTimeout(callback, 0));

function isBefore(a: Event, b: Event): boolean {
  return a.atUs < b.atUs || (a.atUs === b.atUs && a.sequence < b.sequence);
}

function push(heap: Event[], event: Event): void {
  let at = heap.length;
  heap.push(event);
  while (at > 0) {
    const above = (at - 1) >> 1;
    const parent = heap[above];
    if (parent === undefined || !isBefore(event, parent)) break;
    heap[at] = parent;
    at = above;
  }
  heap[at] = event;
}

function pop(heap: Event[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    const left = heap[child];
    const right = heap[child + 1];
    if (left === undefined) break;
    if (right !== undefined && isBefore(right, left)) child++;
    const next = right !== undefined && isBefore(right, left) ? right : left;
    if (!isBefore(next, last)) break;
    heap[at] = next;
    at = child;
  }
  heap[at] = last;
}
