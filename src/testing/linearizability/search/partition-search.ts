import type { Model } from "../model.ts";
import type { Operation } from "../operation.ts";
import { ConfigurationCache } from "./configuration-cache.ts";
import { earlierEquals } from "./equal-operations.ts";
import { type Events, orderEvents } from "./events.ts";
import { Ordering } from "./ordering.ts";
import { Transitions } from "./transitions.ts";

/** The state before a decision. */
interface Frame {
  /** The number of ordered operations. The decision is the next one; later ones followed from it. */
  readonly placed: number;
  readonly state: number;
  readonly deadline: number;
}

/** The best result of a search. */
export interface Reach<Input, Output> {
  /** The longest linearization found, measured in known outcomes. */
  readonly linearization: readonly Operation<Input, Output>[];
  /** The unordered operation of known outcome that returned first, or undefined if all are ordered. */
  readonly stuck: Operation<Input, Output> | undefined;
}

/**
 * Searches for a valid order of one partition's operations (Wing and Gong, "Testing and verifying concurrent objects",
 * 1993). Depth first: the next in the order may be any unordered operation that was called before the first return of
 * an unordered one, if the model allows it. Dead ends are undone. The search can be paused.
 *
 * Operations of unknown outcome need not be ordered: the search ends when those of known outcome are. They are tried
 * last, so that configurations with few of them are found first; see `ConfigurationCache`.
 */
export class PartitionSearch<State, Input, Output> {
  /** The number of configurations visited so far. */
  configurations = 0;
  readonly #events: Events<Input, Output>;
  readonly #transitions: Transitions<State, Input, Output>;
  readonly #ordering: Ordering;
  readonly #cache: ConfigurationCache;
  readonly #readOnly: readonly boolean[];
  readonly #earlierEqual: Int32Array;
  readonly #frames: Frame[] = [];
  #state: number;
  /** The position of the first return of an unordered operation. Operations called later cannot be next. */
  #deadline = 0;
  /** The position of the call to try next, or -1 if all were tried. */
  #candidate = -1;

  #best: { readonly order: readonly number[]; readonly knownLeft: number; readonly deadline: number };

  constructor(model: Model<State, Input, Output>, history: readonly Operation<Input, Output>[]) {
    const reduced = model.reduce?.(history) ?? { model, operations: history };
    const isRead = ({ input, output }: Operation<Input, Output>) => model.readOnly?.(input, output) ?? false;
    // A read of unknown outcome carries no information.
    const telling = reduced.operations.filter(
      (operation) => operation.output !== undefined || !isRead(operation),
    );
    this.#events = orderEvents(telling);
    this.#transitions = new Transitions(reduced.model, this.#events.operations);
    this.#ordering = new Ordering(this.#events);
    this.#cache = new ConfigurationCache(this.#ordering.words);
    this.#readOnly = this.#events.operations.map(isRead);
    this.#earlierEqual = earlierEquals(this.#events);
    this.#state = this.#transitions.initial;
    this.#best = { order: [], knownLeft: this.#events.known + 1, deadline: 0 };
    this.#cache.add(this.#ordering.bits, this.#ordering.knownHash, this.#state);
    this.#settle();
  }

  /** Continues for at most this many configurations, at least 1. Returns undefined while undecided. */
  advance(configurations: number): "linearizable" | "illegal" | undefined {
    const end = this.configurations + configurations;
    while (this.#ordering.knownLeft > 0) {
      if (this.configurations === end) return undefined;
      if (this.#candidate < 0) {
        if (!this.#retreat()) return "illegal";
      } else if (!this.#tryCandidate()) {
        this.#candidate = this.#candidateFrom(this.#ordering.unordered.after(this.#candidate));
      }
    }
    return "linearizable";
  }

  reach(): Reach<Input, Output> {
    this.#noteBest();
    const { operations, at } = this.#events;
    const linearization = this.#best.order.flatMap((op) => operations[op] ?? []);
    const returned = at[this.#best.deadline];
    return { linearization, stuck: returned === undefined ? undefined : operations[~returned] };
  }

  /** Orders the candidate next, unless the model forbids it or the configuration is known. */
  #tryCandidate(): boolean {
    const op = this.#events.at[this.#candidate] ?? 0;
    const earlierEqual = this.#earlierEqual[op - this.#events.known] ?? -1;
    if (earlierEqual >= 0 && !this.#ordering.has(earlierEqual)) return false;
    const state = this.#transitions.after(this.#state, op);
    if (state < 0) return false;

    const frame = { placed: this.#ordering.order.length, state: this.#state, deadline: this.#deadline };
    this.#ordering.push(op);
    if (!this.#cache.add(this.#ordering.bits, this.#ordering.knownHash, state)) {
      this.#ordering.pop();
      return false;
    }
    this.configurations++;
    this.#frames.push(frame);
    this.#state = state;
    this.#settle();
    return true;
  }

  /** After a decision: orders the reads that fit, and starts with the candidates of the new configuration. */
  #settle(): void {
    const { at } = this.#events;
    const { unordered } = this.#ordering;
    let position = unordered.first();
    for (let op = at[position] ?? -1; op >= 0; op = at[position] ?? -1) {
      const next = unordered.before(position);
      if (this.#readOnly[op] && this.#transitions.after(this.#state, op) === this.#state) {
        this.#ordering.push(op);
        // Not the call's own successor, which may have been its return and is removed as well.
        position = unordered.after(next);
      } else {
        position = unordered.after(position);
      }
    }
    this.#deadline = position;
    this.#candidate = this.#candidateFrom(unordered.first());
  }

  /** Undoes the last decision and moves to the next candidate. Returns false if there is no decision left. */
  #retreat(): boolean {
    this.#noteBest();
    const frame = this.#frames.pop();
    if (frame === undefined) return false;
    let op = -1;
    while (this.#ordering.order.length > frame.placed) op = this.#ordering.pop();
    this.#state = frame.state;
    this.#deadline = frame.deadline;
    this.#candidate = this.#candidateFrom(this.#ordering.unordered.after(this.#events.callOf[op] ?? 0));
    return true;
  }

  /**
   * Returns the first candidate from a position on: known outcomes up to the deadline, then unknown ones called before
   * it.
   */
  #candidateFrom(position: number): number {
    const next = position === this.#deadline ? this.#ordering.unordered.firstPending() : position;
    return next < this.#deadline ? next : -1;
  }

  #noteBest(): void {
    const { order, knownLeft } = this.#ordering;
    if (knownLeft < this.#best.knownLeft) {
      this.#best = { order: [...order], knownLeft, deadline: this.#deadline };
    }
  }
}
