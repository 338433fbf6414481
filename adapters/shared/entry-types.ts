import type { EntryType } from "../../src/raft/index.ts";

const codes = { noop: 0, command: 1, configuration: 2 } as const satisfies Record<EntryType, number>;

const types = Object.keys(codes) as readonly EntryType[];

/** Returns the number of a type of entry in storage. */
export function codeOfType(type: EntryType): number {
  return codes[type];
}

/**
 * @param code a number from storage
 * @param index of the entry, for the error
 * @throws RangeError if no type has this number: a later version may have written it
 */
export function typeOfCode(code: unknown, index: number): EntryType {
  const type = types.find((known) => codes[known] === code);
  if (type !== undefined) return type;
  throw new RangeError(`entry ${index} has type ${code}, which this version does not know`);
}
