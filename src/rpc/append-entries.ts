import * as v from "valibot";
import type { AppendEntries, AppendEntriesReply, LogEntry } from "../raft/index.ts";
import { count, flag, id } from "./fields.ts";
import { MalformedMessage } from "./malformed-message.ts";
import type { Plain } from "./plain.ts";
import { read, record, type Shape } from "./shape.ts";

type Header = Omit<AppendEntries, "entries">;

const header = record<Header>("appendEntries", {
  term: count,
  leaderId: id,
  prevLogIndex: count,
  prevLogTerm: count,
  leaderCommit: count,
  round: count,
});

/** The header's fields, then the entries as `[term, code of the type, data]`: their indices follow `prevLogIndex`. */
export const appendEntries: Shape<AppendEntries> = {
  toWire: (message) => [
    ...header.toWire(message),
    message.entries.map((entry, at) => entryToWire(entry, message.prevLogIndex + 1 + at)),
  ],
  fromWire: (wire) => {
    const fields = header.fromWire(wire.slice(0, -1));
    return { ...fields, entries: readEntries(fields, wire.at(-1)) };
  },
};

const typeCodes = { noop: 0, command: 1 } as const satisfies Record<LogEntry["type"], number>;

function entryToWire(entry: LogEntry, index: number): Plain {
  // The receiver counts: an entry out of place would become another one there.
  if (entry.index !== index) throw new RangeError(`entries: index ${index} is due, not ${entry.index}`);
  return [entry.term, typeCodes[entry.type], entry.data];
}

/** By hand, for this is where the time of decoding goes: a schema takes twenty times as long. */
function readEntries(header: Header, wire: unknown): LogEntry[] {
  if (!Array.isArray(wire)) throw new MalformedMessage("appendEntries.entries: not a list");
  if (!Number.isSafeInteger(header.prevLogIndex + wire.length)) {
    throw new MalformedMessage("appendEntries.prevLogIndex: too large for an index to follow");
  }
  let index = header.prevLogIndex;
  let lastTerm = Math.max(1, header.prevLogTerm);
  return wire.map((item: unknown) => {
    index++;
    const entry = readEntry(item, index);
    // The terms of a log never fall, and none is above its leader's (§5.3).
    if (!(entry.term >= lastTerm && entry.term <= header.term)) {
      throw new MalformedMessage(`appendEntries: entry ${index} is of term ${entry.term}, out of order`);
    }
    lastTerm = entry.term;
    return entry;
  });
}

function readEntry(item: unknown, index: number): LogEntry {
  if (Array.isArray(item) && item.length === 3) {
    const [term, code, data]: unknown[] = item;
    if (Number.isSafeInteger(term) && typeof term === "number" && data instanceof Uint8Array) {
      if (code === typeCodes.command) return { type: "command", index, term, data };
      if (code === typeCodes.noop && data.length === 0) return { type: "noop", index, term, data };
    }
  }
  throw new MalformedMessage(`appendEntries: entry ${index} is not [term, type, data]`);
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
    if (!success) {
      return { ...fields, success, conflict: conflict && { term: conflict[0], index: conflict[1] } };
    }
    if (conflict !== undefined) throw new MalformedMessage("appendEntries.conflict: given with a success");
    return { ...fields, success };
  },
};
