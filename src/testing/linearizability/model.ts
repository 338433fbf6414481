import type { Operation } from "./operation.ts";

/**
 * The specification that a history is checked against: a state machine, defined by the outputs that each state allows.
 * States are immutable.
 */
export interface Model<State, Input, Output> {
  /** For the page of a timeline. */
  readonly name: string;

  /** The state before the first operation. */
  initial(): State;

  /**
   * Returns the part of the state that an operation concerns, such as its key. Partitions are checked separately, each
   * from `initial()`. That is exact, because linearizability is local, and far cheaper. Without it, there is one
   * partition.
   */
  partition?(input: Input): string;

  /**
   * Returns the state after an operation, or undefined if this state does not allow this output.
   *
   * @param output undefined if the outcome is unknown. Then the result is the state after the operation took effect, or
   * undefined if it cannot take effect. That it may have had no effect is handled elsewhere
   */
  step(state: State, input: Input, output: Output | undefined): State | undefined;

  /** Returns equal keys for equal states and different keys for different states. Just a string or a number will do. */
  key(state: State): string | number;

  /**
   * Returns true for operations that never change a state. The search takes such an operation as soon as it fits and
   * tries no alternatives. Without it, there are only more orders to try.
   */
  readOnly?(input: Input, output: Output | undefined): boolean;

  /**
   * Reduces one partition to an equivalent, smaller problem. Leaves out operations of unknown outcome that can't make a
   * difference. Returns a model that merges states if no output of this partition distinguishes them. This keeps the check
   * of histories with many unknown outcomes cheap.
   */
  reduce?(partition: readonly Operation<Input, Output>[]): Reduced<State, Input, Output>;

  /** Describes an operation in a few words. */
  describe(input: Input, output: Output | undefined): string;

  /** Describes a state in a few words. Default: its key. */
  describeState?(state: State): string;
}

/** A smaller problem with the same verdict. */
export interface Reduced<State, Input, Output> {
  /** A simpler model. */
  readonly model: Model<State, Input, Output>;
  /** The operations that still matter. */
  readonly operations: readonly Operation<Input, Output>[];
}
