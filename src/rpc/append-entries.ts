import * as v from "valibot";
import { CLUSTER_UID_BYTES } from "../ports/index.ts";
import type { AppendEntries, AppendEntriesReply, LogEntry } from "../raft/index.ts";
import { checkTerm, count, flag, id } from "./fields.ts";
import { rpcLimits } from "./limits.ts";
import { MalformedMessage } from "./malformed-message.ts";
import { ByteParts, type Plain } from "./plain.ts";
import { read, record, type Shape } from "./shape.ts";

type Header = Omit<AppendEntries, "entries">;

const header = record<Header>("appendEntries", {
  term: count,
  leaderId: id,
  prevLogIndex: count,
  prevLogTerm: count,
  leaderCommit: count,
  round: count,
  successor: v.optional(id),
  mustHold: flag,
});

/**
 * The header's fields, then the entries in columns, `[terms, codes of the types, lengths, data]`, all data in one
 * byte string: their indices follow `prevLogIndex`.
 *
 * One byte string, because cbor-x gives each that it encodes an ArrayBuffer of its own; the log would keep one for
 * every entry, and the collector's pauses grow with them.
 */
export const appendEntries: Shape<AppendEntries> = {
  toWire: (message) => [...header.toWire(message), columnsOf(message)],
  fromWire: (wire) => {
    const fields = header.fromWire(wire.slice(0, -1));
    checkTerm("appendEntries.prevLogTerm", fields.prevLogTerm, fields.term);
    return { ...fields, entries: readEntries(fields, wire.at(-1)) };
  },
};

const typeCodes = { noop: 0, command: 1 } as const satisfies Record<LogEntry["type"], number>;

const noBytes = new Uint8Array();

function columnsOf({ entries, prevLogIndex }: AppendEntries): readonly Plain[] {
  for (const [at, { index }] of entries.entries()) {
    // The receiver counts: an entry out of place would become another one there.
    const due = prevLogIndex + 1 + at;
    if (index !== due) throw new RangeError(`entries: index ${due} is due, not ${index}`);
  }
  const lengths = entries.map(({ data }) => data.length);
  const data = entries.length === 0 ? noBytes : new ByteParts(entries.map(({ data }) => data));
  return [entries.map(({ term }) => term), entries.map(({ type }) => typeCodes[type]), lengths, data];
}

/** By hand, for this is where the time of decoding goes: a schema takes twenty times as long. */
function readEntries(header: Header, wire: unknown): LogEntry[] {
  const [terms, codes, lengths, data] = readColumns(wire);
  if (!Number.isSafeInteger(header.prevLogIndex + terms.length)) {
    throw new MalformedMessage("appendEntries.prevLogIndex: too large for an index to follow");
  }
  let index = header.prevLogIndex;
  let lastTerm = Math.max(1, header.prevLogTerm);
  let start = 0;
  const entries = terms.map((term, at): LogEntry => {
    index++;
    // The terms of a log never fall, and none is above its leader's (§5.3).
    if (!isCount(term) || term < lastTerm || term > header.term) {
      throw new MalformedMessage(`appendEntries: entry ${index} is of term ${term}, out of order`);
    }
    lastTerm = term;
    const length = lengths[at];
    if (!isCount(length) || length > data.length - start) {
      throw new MalformedMessage(`appendEntries: entry ${index} has no length within the data`);
    }
    start += length;
    return { type: readType(codes[at], length, index), index, term, data: data.slice(start - length, start) };
  });
  if (start !== data.length) throw new MalformedMessage("appendEntries: data that belongs to no entry");
  return entries;
}

function readColumns(wire: unknown): [unknown[], unknown[], unknown[], Uint8Array] {
  if (Array.isArray(wire) && wire.length === 4) {
    const [terms, codes, lengths, data]: unknown[] = wire;
    if (
      Array.isArray(terms) &&
      Array.isArray(codes) &&
      Array.isArray(lengths) &&
      data instanceof Uint8Array
    ) {
      const { length } = terms;
      if (length <= rpcLimits.entries && codes.length === length && lengths.length === length) {
        return [terms, codes, lengths, data];
      }
    }
  }
  throw new MalformedMessage(`appendEntries.entries: not columns of at most ${rpcLimits.entries} entries`);
}

function readType(code: unknown, length: number, index: number): LogEntry["type"] {
  if (code === typeCodes.command) return "command";
  if (code === typeCodes.noop && isNoopLength(length, index)) return "noop";
  throw new MalformedMessage(`appendEntries: entry ${index} is of no type that there is`);
}

/** Only the first entry of all may say something: the uid of its cluster. */
function isNoopLength(length: number, index: number): boolean {
  return length === 0 || (index === 1 && length === CLUSTER_UID_BYTES);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && typeof value === "number" && value >= 0;
}

const replyHeader = record<Omit<AppendEntriesReply, "conflict">>("appendEntries", {
  term: count,
  round: count,
  success: flag,
});

const conflictOnWire = v.optional(v.strictTuple([count, count]));

/** The header's fields, then the conflict as `[term, index]` where there is one. */
export const appendEntriesReply: Shape<AppendEntriesReply> = {
  toWire: (reply) => [
    ...replyHeader.toWire(reply),
    reply.success || reply.conflict === undefined ? undefined : [reply.conflict.term, reply.conflict.index],
  ],
  fromWire: (wire) => {
    const { success, ...fields } = replyHeader.fromWire(wire.slice(0, -1));
    const conflict = read(conflictOnWire, wire.at(-1), "appendEntries.conflict");
    if (conflict !== undefined) checkTerm("appendEntries.conflict", conflict[0], fields.term);
    if (!success) {
      return { ...fields, success, conflict: conflict && { term: conflict[0], index: conflict[1] } };
    }
    if (conflict !== undefined) throw new MalformedMessage("appendEntries.conflict: given with a success");
    return { ...fields, success };
  },
};
