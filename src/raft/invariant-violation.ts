/** A rule does not hold: a bug. The replica must stop before it does harm. */
export class InvariantViolation extends Error {
  override readonly name = "InvariantViolation";
}

/**
 * Makes sure that a rule of the protocol holds.
 *
 * @param rule one sentence that says what must be true, with its section of the paper
 * @param holds whether the rule holds
 * @throws InvariantViolation if `holds` is false
 * @example
 * ```ts
 * import { InvariantViolation, invariant } from "ruaft/core";
 *
 * const [before, now] = [2, 1];
 * try {
 *   invariant(now >= before, "§5.1 the current term never decreases");
 * } catch (error) {
 *   console.log(error instanceof InvariantViolation); // true
 * }
 * ```
 */
export function invariant(holds: boolean, rule: string): asserts holds {
  if (!holds) throw new InvariantViolation(rule);
}
