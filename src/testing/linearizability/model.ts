import type { Operation } from "./operation.ts";

/**
 * What a history is checked against: a state machine, told as which outputs each state allows. States are never
 * changed, only replaced.
 */
export interface Model<State, Input, Output> {
  readonly name: string;

  initial(): State;

  /**
   * The part of the state that an operation concerns, such as its key. Parts are checked apart, each from `initial()`,
   * which is exact (linearizability is local) and far cheaper. Without it all is one part.
   */
  partition?(input: Input): string;

  /**
   * The state after an operation; undefined if it can't have had this output in this state.
   *
   * @param output undefined if the outcome is unknown: then this is the state after it took effect, and undefined
   *   if it can't have any. That it took none need not be told.
   */
  step(state: State, input: Input, output: Output | undefined): State | undefined;

  /** Equal states give equal keys, different states different ones. A string or a number by itself will do. */
  key(state: State): string | number;

  /**
   * True for operations that change no state, whatever it is. Where one fits, the search takes it at once and tries
   * nothing else in its place. Without it there are only more orders to try.
   */
  readOnly?(input: Input, output: Output | undefined): boolean;

  /**
   * The same question about one partition, made smaller: operations of unknown outcome left out without which
   * everything is allowed that is allowed with them, and a model that takes states for equal where no output of this
   * partition tells them apart. It is what keeps histories with many unknown outcomes cheap.
   */
  reduce?(partition: readonly Operation<Input, Output>[]): Reduced<State, Input, Output>;

  /** An operation in a few words, for people. */
  describe(input: Input, output: Output | undefined): string;

  /** A state in a few words, for people; its key if this is missing. */
  describeState?(state: State): string;
}

export interface Reduced<State, Input, Output> {
  readonly model: Model<State, Input, Output>;
  readonly operations: readonly Operation<Input, Output>[];
}
