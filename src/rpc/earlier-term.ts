import type { ByteReader } from "./byte-reader.ts";

/**
 * Reads the term of an entry or of a snapshot in a message. It is never later than the message's own term (§5.1).
 *
 * @throws MalformedMessage
 */
export function readEarlierTerm(reader: ByteReader, field: string, messageTerm: number): number {
  const term = reader.count(field);
  if (term <= messageTerm) return term;
  return reader.fail(`${field}: term ${term} is later than its message's, ${messageTerm}`);
}
