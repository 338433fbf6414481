/** A rule of the store does not hold: a bug. The replica must stop before its state differs from that of the others. */
export class BrokenRule extends Error {
  override readonly name = "BrokenRule";
}

/**
 * Makes sure that a rule of the store holds.
 *
 * @param holds whether the rule holds
 * @param rule one sentence that says what must be true
 * @throws BrokenRule if `holds` is false
 */
export function invariant(holds: boolean, rule: string): asserts holds {
  if (!holds) throw new BrokenRule(rule);
}
