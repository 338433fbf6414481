/**
 * A client's call and its outcome. Leave out operations that are known to have had no effect.
 *
 * Times may have any unit. Equal times are concurrent: an operation called exactly when another returns overlaps it.
 * Number the events instead of reading a coarse clock, and no order is lost.
 */
export interface Operation<Input, Output> {
  /** Only a name: the client's operations are not assumed to be sequential. */
  readonly client: number | string;
  /** The client's request. */
  readonly input: Input;
  /** Undefined if the outcome is unknown: the operation may take effect at any time after its call, or never. */
  readonly output: Output | undefined;
  /** When the client called. */
  readonly callAt: number;
  /** `Infinity` if the outcome is unknown, otherwise finite. */
  readonly returnAt: number;
}

/** @throws RangeError if a time is invalid */
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
