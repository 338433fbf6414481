import * as v from "valibot";
import { isReplicaId, type ReplicaId } from "../raft/index.ts";
import { MalformedMessage } from "./malformed-message.ts";

/** A term, an index, an offset, a number of a call: anything that counts from 0. */
export const count: v.GenericSchema<number> = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

export const flag: v.GenericSchema<boolean> = v.boolean();

const isId = (value: unknown): boolean => typeof value === "string" && isReplicaId(value);

export const id: v.GenericSchema<ReplicaId> = v.custom<ReplicaId>(isId, 'not 1 to 32 of a-z, 0-9 and "-"');

/** A list of at most `max` ids. */
export function ids(max: number): v.GenericSchema<readonly ReplicaId[]> {
  return v.pipe(v.array(id), v.maxLength(max));
}

/**
 * Checks the term of an entry or of a snapshot that a message speaks of: none is later than the message (§5.1).
 *
 * @throws MalformedMessage
 */
export function checkTerm(name: string, term: number, messageTerm: number): void {
  if (term <= messageTerm) return;
  throw new MalformedMessage(`${name}: term ${term} is later than that of its message, ${messageTerm}`);
}

/** A cluster's name is written as a replica's is. */
export const clusterId: v.GenericSchema<string> = v.custom<string>(isId, 'not 1 to 32 of a-z, 0-9 and "-"');

/** The hash of a state: 32 hexadecimal digits. */
export const hash: v.GenericSchema<string> = v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/));

/** A byte string of at most `maxBytes`. */
export function bytes(maxBytes: number): v.GenericSchema<Uint8Array> {
  return v.custom<Uint8Array>(
    (value) => value instanceof Uint8Array && value.length <= maxBytes,
    `not a byte string of at most ${maxBytes}`,
  );
}
