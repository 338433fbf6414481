import type { ByteReader } from "./byte-reader.ts";

/**
 * Reads the term of an entry or of a snapshot that a message speaks of: none is later than the message (§5.1).
 *
 * @throws MalformedMessage
 */
export function readEarlierTerm(reader: ByteReader, field: string, messageTerm: number): number {
  const term = reader.count(field);
  if (term <= messageTerm) return term;
  return reader.fail(`${field}: term ${term} is later than that of its message, ${messageTerm}`);
}
