/** A rule does not hold: a bug. The replica must stop before it does harm. */
export class InvariantViolation extends Error {
  override readonly name = "InvariantViolation";
}

/** @throws InvariantViolation if `holds` is false; `rule` says in one sentence what must be true */
export function invariant(holds: boolean, rule: string): asserts holds {
  if (!holds) throw new InvariantViolation(rule);
}
