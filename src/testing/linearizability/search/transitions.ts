import type { Model } from "../model.ts";
import type { Operation } from "../operation.ts";

/** The states met by a search. Equal states have one number, so that the search compares numbers. */
export class Transitions<State, Input, Output> {
  /** The number of the initial state. */
  readonly initial: number;
  readonly #model: Model<State, Input, Output>;
  readonly #operations: readonly Operation<Input, Output>[];
  readonly #states: State[] = [];
  readonly #numbers = new Map<string | number, number>();

  constructor(model: Model<State, Input, Output>, operations: readonly Operation<Input, Output>[]) {
    this.#model = model;
    this.#operations = operations;
    this.initial = this.#numberOf(model.initial());
  }

  /** Returns the number of the state after an operation, or -1 if the model does not allow it. */
  after(state: number, op: number): number {
    const before = this.#states[state];
    const operation = this.#operations[op];
    if (before === undefined || operation === undefined) return -1;
    const after = this.#model.step(before, operation.input, operation.output);
    if (after === undefined) return -1;
    return after === before ? state : this.#numberOf(after);
  }

  #numberOf(state: State): number {
    const key = this.#model.key(state);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.#states.length);
    return this.#states.push(state) - 1;
  }
}
