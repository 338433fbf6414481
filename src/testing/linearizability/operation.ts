/**
 * One call of a client, and what came of it. Leave out operations that are known not to have taken effect.
 *
 * Times are numbers of any unit. Equal times are concurrent, so an operation that is called at the very time another
 * returns overlaps it: number the events instead of reading a coarse clock and no order is lost.
 */
export interface Operation<Input, Output> {
  /** Only a name: that its operations follow each other is not assumed. */
  readonly client: number | string;
  readonly input: Input;
  /** Undefined: the outcome is unknown. The operation may take effect at any time after its call, or never. */
  readonly output: Output | undefined;
  readonly callAt: number;
  /** `Infinity` if the outcome is unknown, finite if it is known. */
  readonly returnAt: number;
}

/** @throws RangeError for times that can't be */
export function checkTimes(history: readonly Operation<unknown, unknown>[]): void {
  for (const [at, { callAt, returnAt, output }] of history.entries()) {
    if (!Number.isFinite(callAt)) {
      throw new RangeError(`history[${at}].callAt: a finite number, not ${callAt}`);
    }
    if (!(returnAt >= callAt)) {
      throw new RangeError(`history[${at}].returnAt: ${callAt} (its call) or later, not ${returnAt}`);
    }
    if ((output === undefined) !== (returnAt === Number.POSITIVE_INFINITY)) {
      const allowed =
        output === undefined ? "Infinity, as its output is unknown" : "finite, as its output is known";
      throw new RangeError(`history[${at}].returnAt: ${allowed}, not ${returnAt}`);
    }
  }
}
