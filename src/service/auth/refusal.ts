/** Why a request was refused. */
export type RefusalReason =
  /** It has no token, and needs one. */
  | "noToken"
  /** Its token is not one of this cluster, or was revoked. */
  | "wrongToken"
  /** The time of its token is over. */
  | "expiredToken"
  /** Its source sent too many wrong tokens. */
  | "tooManyWrongTokens"
  /** Its token lacks a scope. */
  | "scope";

/** A refused request, for the audit log. */
export interface Refusal {
  readonly reason: RefusalReason;
  /** The address that it came from, or undefined if unknown. */
  readonly address: string | undefined;
  /** The name of its token, if the token is known. */
  readonly token?: string;
}
