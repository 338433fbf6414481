/** A state or a step of the cluster that breaks a rule of Raft. */
export class ExplorationViolation extends Error {
  override readonly name = "ExplorationViolation";
}

/** @throws ExplorationViolation if `holds` is false; `rule` says in one sentence what must be true */
export function demand(holds: boolean, rule: string): asserts holds {
  if (!holds) throw new ExplorationViolation(rule);
}
