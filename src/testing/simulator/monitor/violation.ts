/** The properties that are checked after every event; see docs/proof.md. */
export const properties = {
  P1: "one leader per term",
  P2: "log matching",
  P3: "leader completeness",
  P4: "state machine safety",
  P5: "nothing durable or known falls",
  P6: "persist before send",
  P7: "an acknowledged write stays",
  P8: "linearizability",
  P9: "a write takes effect once",
  P10: "equal states at equal indices",
  rule: "a rule of the protocol",
  bug: "an assertion of the code",
  liveness: "progress once the faults end",
} as const;

/** The name of a property in `properties`. */
export type Property = keyof typeof properties;

/** A property does not hold. */
export class Violation extends Error {
  override readonly name = "Violation";
  /** The property that does not hold. */
  readonly property: Property;

  constructor(property: Property, message: string) {
    super(message);
    this.property = property;
  }
}
