/** The highest term. At ten elections a second a cluster reaches it in fourteen million years. */
export const MAX_TERM: number = 2 ** 52;

/**
 * How far ahead of a replica's term another term may be. A replica that was away for ten years, with ten elections a
 * second in the meantime, is less far behind.
 */
export const MAX_TERM_LEAD: number = 2 ** 32;

/**
 * Explains why a term in a message can't be a term of this cluster. A replica that adopted such a term (§5.1) could
 * never go back, and no leader could follow one of the highest term. So the message must be refused.
 *
 * @param term of a message
 * @param currentTerm of this replica
 * @returns undefined if the term is plausible
 * @example
 * ```ts
 * import { termRefusal } from "ruaft/core";
 *
 * console.log(termRefusal(8, 7)); // undefined
 * console.log(typeof termRefusal(2 ** 53, 7)); // string
 * ```
 */
export function termRefusal(term: number, currentTerm: number): string | undefined {
  const limit = Math.min(MAX_TERM, currentTerm + MAX_TERM_LEAD);
  if (term <= limit) return undefined;
  return `term ${term} can't be a term of this cluster: this replica is in term ${currentTerm} and takes terms up to ${limit}`;
}
