/** Kinds of events that must not happen. */
export const findingKinds = [
  "lost",
  "double",
  "ghost",
  "stale",
  "illegal",
  "undecided",
  "hanging",
  "gap",
  "leaders",
  "exit",
  "stuck",
] as const;
export type FindingKind = (typeof findingKinds)[number];

/** The meaning of each kind. */
export const meanings: Readonly<Record<FindingKind, string>> = {
  lost: "an acknowledged write is gone",
  double: "a write took effect twice",
  ghost: "a write that was answered `none` took effect",
  stale: "a read returned less than an earlier read, or than was acknowledged before it",
  illegal: "no order of the operations explains the answers",
  undecided: "the checker's budget ran out",
  hanging: "a request without an answer in time",
  gap: "no acknowledged write for too long while a majority was up and connected",
  leaders: "two leaders in one term",
  exit: "a replica ended without a cause",
  stuck: "a cluster did not recover after all faults had ended",
};

export interface Finding {
  readonly kind: FindingKind;
  readonly text: string;
}
