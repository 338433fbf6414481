/** The steps by which all replicas get another secret. The next one begins when all have done one. */
export type RotationStep =
  /** Every replica opens messages under the new secret. */
  | "spread"
  /** Every replica seals under the new secret, and opens both. */
  | "sign"
  /** Every replica forgets the old secrets. */
  | "drop";

/** The rotation in progress, in the registry. */
export interface RotationRecord {
  /** Random; different for each rotation. */
  readonly id: string;
  readonly step: RotationStep;
  /** The start of a hash of the new secret. */
  readonly fingerprint: string;
  /** The new secret, encrypted under an old one. */
  readonly sealed: string;
}

/** What a replica has done, in the registry. */
export interface RotationReport {
  /** Of the rotation. */
  readonly id: string;
  /** The last step that the replica has done, or can't do. */
  readonly step: RotationStep;
  /** Why it can't, as a sentence. */
  readonly problem?: string | undefined;
}

/** The name of the rotation in the registry. */
export const recordName = "secret/rotation";

/** The name of a replica's report in the registry. */
export function reportName(replica: string): string {
  return `secret/rotation/${replica}`;
}

const following: Readonly<Record<RotationStep, RotationStep | undefined>> = {
  spread: "sign",
  sign: "drop",
  drop: undefined,
};

/** The step after a step; undefined after the last. */
export function stepAfter(step: RotationStep): RotationStep | undefined {
  return following[step];
}

/** The secrets of a replica that has done a step; the first one seals. */
export function secretsAfter(step: RotationStep, secrets: readonly string[], added: string): string[] {
  const others = secrets.filter((secret) => secret !== added);
  switch (step) {
    case "spread":
      return secrets.includes(added) ? [...secrets] : [...others, added];
    case "sign":
      return [added, ...others];
    case "drop":
      return [added];
  }
}
