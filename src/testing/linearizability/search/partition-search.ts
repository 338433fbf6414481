import type { Model } from "../model.ts";
import type { Operation } from "../operation.ts";
import { ConfigurationCache } from "./configuration-cache.ts";
import { type Events, orderEvents } from "./events.ts";
import { Placement } from "./placement.ts";
import { Transitions } from "./transitions.ts";
import { earlierTwins } from "./twins.ts";

/** How things were before a decision. */
interface Frame {
  /** How many operations had a place. The decision is the next one; those after it followed by themselves. */
  readonly placed: number;
  readonly state: number;
  readonly deadline: number;
}

/** How far a search got at best. */
export interface Reach<Input, Output> {
  /** The longest linearization it found, counted in known outcomes. */
  readonly linearization: readonly Operation<Input, Output>[];
  /** The operation that returned first of those of known outcome without a place; undefined if all have one. */
  readonly stuck: Operation<Input, Output> | undefined;
}

/**
 * The search for an order of one partition's operations (Wing and Gong, "Testing and verifying concurrent objects",
 * 1993): depth first, it gives the next place to any operation that was called before the first return among those
 * without a place, if the model allows, and takes back what led nowhere. It can be stopped and continued.
 *
 * Operations of unknown outcome need no place: the search is over when those of known outcome have theirs. They are
 * tried last, so that configurations with few of them are known first; see `ConfigurationCache`.
 */
export class PartitionSearch<State, Input, Output> {
  /** How many configurations it has been in so far. */
  configurations = 0;
  readonly #events: Events<Input, Output>;
  readonly #transitions: Transitions<State, Input, Output>;
  readonly #placement: Placement;
  readonly #cache: ConfigurationCache;
  readonly #readOnly: readonly boolean[];
  readonly #twins: Int32Array;
  readonly #frames: Frame[] = [];
  #state: number;
  /** Where the first of the operations without a place returns: what is called later can't come next. */
  #deadline = 0;
  /** The call to try next, as its position; -1 if all were tried. */
  #candidate = -1;

  #best: { readonly order: readonly number[]; readonly knownLeft: number; readonly deadline: number };

  constructor(model: Model<State, Input, Output>, history: readonly Operation<Input, Output>[]) {
    const reduced = model.reduce?.(history) ?? { model, operations: history };
    const isRead = ({ input, output }: Operation<Input, Output>) => model.readOnly?.(input, output) ?? false;
    // A read of unknown outcome says nothing.
    const telling = reduced.operations.filter(
      (operation) => operation.output !== undefined || !isRead(operation),
    );
    this.#events = orderEvents(telling);
    this.#transitions = new Transitions(reduced.model, this.#events.operations);
    this.#placement = new Placement(this.#events);
    this.#cache = new ConfigurationCache(this.#placement.words);
    this.#readOnly = this.#events.operations.map(isRead);
    this.#twins = earlierTwins(this.#events);
    this.#state = this.#transitions.initial;
    this.#best = { order: [], knownLeft: this.#events.known + 1, deadline: 0 };
    this.#cache.add(this.#placement.bits, this.#placement.knownHash, this.#state);
    this.#settle();
  }

  /** Goes on for at most so many configurations, at least 1. Undefined: not decided yet. */
  advance(configurations: number): "linearizable" | "illegal" | undefined {
    const end = this.configurations + configurations;
    while (this.#placement.knownLeft > 0) {
      if (this.configurations === end) return undefined;
      if (this.#candidate < 0) {
        if (!this.#retreat()) return "illegal";
      } else if (!this.#tryCandidate()) {
        this.#candidate = this.#candidateFrom(this.#placement.remaining.after(this.#candidate));
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

  /** Gives the candidate the next place, unless the model forbids it or nothing new can come of it. */
  #tryCandidate(): boolean {
    const op = this.#events.at[this.#candidate] ?? 0;
    const twin = this.#twins[op - this.#events.known] ?? -1;
    if (twin >= 0 && !this.#placement.has(twin)) return false;
    const state = this.#transitions.after(this.#state, op);
    if (state < 0) return false;

    const frame = { placed: this.#placement.order.length, state: this.#state, deadline: this.#deadline };
    this.#placement.place(op);
    if (!this.#cache.add(this.#placement.bits, this.#placement.knownHash, state)) {
      this.#placement.takeBack();
      return false;
    }
    this.configurations++;
    this.#frames.push(frame);
    this.#state = state;
    this.#settle();
    return true;
  }

  /** After a decision: reads that fit take their places, and the candidates are those of the new configuration. */
  #settle(): void {
    const { at } = this.#events;
    const { remaining } = this.#placement;
    let position = remaining.first();
    for (let op = at[position] ?? -1; op >= 0; op = at[position] ?? -1) {
      const next = remaining.before(position);
      if (this.#readOnly[op] && this.#transitions.after(this.#state, op) === this.#state) {
        this.#placement.place(op);
        // Not the call's own successor: that may have been its return, which is out as well.
        position = remaining.after(next);
      } else {
        position = remaining.after(position);
      }
    }
    this.#deadline = position;
    this.#candidate = this.#candidateFrom(remaining.first());
  }

  /** Takes the last decision back and goes on to the next candidate. False if there is no decision left. */
  #retreat(): boolean {
    this.#noteBest();
    const frame = this.#frames.pop();
    if (frame === undefined) return false;
    let op = -1;
    while (this.#placement.order.length > frame.placed) op = this.#placement.takeBack();
    this.#state = frame.state;
    this.#deadline = frame.deadline;
    this.#candidate = this.#candidateFrom(this.#placement.remaining.after(this.#events.callOf[op] ?? 0));
    return true;
  }

  /** The first candidate from a position on: known outcomes up to the deadline, then unknown ones called before it. */
  #candidateFrom(position: number): number {
    const next = position === this.#deadline ? this.#placement.remaining.firstPending() : position;
    return next < this.#deadline ? next : -1;
  }

  #noteBest(): void {
    const { order, knownLeft } = this.#placement;
    if (knownLeft < this.#best.knownLeft) {
      this.#best = { order: [...order], knownLeft, deadline: this.#deadline };
    }
  }
}
