import type { AppendEntries, AppendEntriesReply, EntryType, LogEntry } from "../raft/index.ts";
import type { ByteReader } from "./byte-reader.ts";
import { type ByteWriter, COUNT_BYTES, NAME_BYTES } from "./byte-writer.ts";
import { readEarlierTerm } from "./earlier-term.ts";
import { rpcLimits } from "./limits.ts";
import type { MessageCodec } from "./message-codec.ts";

const typeCodes = { noop: 0, command: 1, configuration: 2 } as const satisfies Record<EntryType, number>;

/** Upper bound of an entry without its data, in bytes: its type, its term, its length. */
const ENTRY_HEAD_BYTES = 1 + COUNT_BYTES + 4;

/**
 * The fields, then the number of entries, then type, term, length and data of each. Their indices follow `prevLogIndex`
 * and are not sent.
 */
export const appendEntries: MessageCodec<AppendEntries> = {
  maxBytes: ({ entries }) => {
    let bytes = 1 + 2 * NAME_BYTES + 6 * COUNT_BYTES;
    for (const { data } of entries) bytes += ENTRY_HEAD_BYTES + data.length;
    return bytes;
  },
  write(writer, message) {
    const { successor, entries, prevLogIndex } = message;
    writer.flags(message.mustHold, successor !== undefined);
    writer.count(message.term);
    writer.name(message.leaderId);
    writer.count(prevLogIndex);
    writer.count(message.prevLogTerm);
    writer.count(message.leaderCommit);
    writer.count(message.round);
    if (successor !== undefined) writer.name(successor);
    writer.count(entries.length);
    let due = prevLogIndex;
    for (const entry of entries) writeEntry(writer, entry, ++due);
  },
  read(reader) {
    const flags = reader.flags(2);
    const term = reader.count("term");
    const leaderId = reader.name("leaderId");
    const prevLogIndex = reader.count("prevLogIndex");
    const prevLogTerm = readEarlierTerm(reader, "prevLogTerm", term);
    const leaderCommit = reader.count("leaderCommit");
    const round = reader.count("round");
    const successor = (flags & 2) === 0 ? undefined : reader.name("successor");
    return {
      type: "appendEntries",
      term,
      leaderId,
      prevLogIndex,
      prevLogTerm,
      entries: readEntries(reader, { prevLogIndex, prevLogTerm, term }),
      leaderCommit,
      round,
      successor,
      mustHold: (flags & 1) !== 0,
    };
  },
};

function writeEntry(writer: ByteWriter, { type, index, term, data }: LogEntry, due: number): void {
  // The receiver derives indices by counting: an entry out of order would get another index there.
  if (index !== due) throw new RangeError(`entries: index ${due} must follow, not ${index}`);
  writer.byte(typeCodes[type]);
  writer.count(term);
  writer.count(data.length);
  writer.bytes(data);
}

function readEntries(
  reader: ByteReader,
  { prevLogIndex, prevLogTerm, term }: Pick<AppendEntries, "prevLogIndex" | "prevLogTerm" | "term">,
): LogEntry[] {
  const amount = reader.count("entries");
  if (amount > rpcLimits.entries) reader.fail(`entries: at most ${rpcLimits.entries}, not ${amount}`);
  if (!Number.isSafeInteger(prevLogIndex + amount)) {
    reader.fail("prevLogIndex: too large for the entries that follow");
  }
  const entries: LogEntry[] = [];
  let lastTerm = Math.max(1, prevLogTerm);
  for (let index = prevLogIndex + 1; index <= prevLogIndex + amount; index++) {
    const entry = readEntry(reader, index);
    // The terms of a log never fall, and none is above its leader's (§5.3).
    if (entry.term < lastTerm || entry.term > term) {
      reader.fail(`entry ${index} of term ${entry.term} is out of order`);
    }
    lastTerm = entry.term;
    entries.push(entry);
  }
  return entries;
}

/** Copies the data: with a view, the log would keep the whole message in memory. */
function readEntry(reader: ByteReader, index: number): LogEntry {
  const code = reader.byte();
  const term = reader.count("entry.term");
  const data = reader.copy(reader.count("entry.length"));
  switch (code) {
    case typeCodes.command:
      return { type: "command", index, term, data };
    case typeCodes.configuration:
      return { type: "configuration", index, term, data };
    case typeCodes.noop:
      if (data.length > 0) reader.fail(`entry ${index} is a no-op with ${data.length} bytes of data`);
      return { type: "noop", index, term, data };
    default:
      return reader.fail(`entry ${index} has type ${code}, which this version does not know`);
  }
}

export const appendEntriesReply: MessageCodec<AppendEntriesReply> = {
  maxBytes: () => 1 + 4 * COUNT_BYTES,
  write(writer, reply) {
    const conflict = reply.success ? undefined : reply.conflict;
    writer.flags(reply.success, conflict !== undefined);
    writer.count(reply.term);
    writer.count(reply.round);
    if (conflict === undefined) return;
    writer.count(conflict.term);
    writer.count(conflict.index);
  },
  read(reader) {
    const flags = reader.flags(2);
    const term = reader.count("term");
    const fields = { type: "appendEntries", term, round: reader.count("round") } as const;
    switch (flags) {
      case 0:
        return { ...fields, success: false, conflict: undefined };
      case 1:
        return { ...fields, success: true };
      case 2:
        return { ...fields, success: false, conflict: readConflict(reader, term) };
      default:
        return reader.fail("both a conflict and a success");
    }
  },
};

function readConflict(reader: ByteReader, term: number): { term: number; index: number } {
  return { term: readEarlierTerm(reader, "conflict.term", term), index: reader.count("conflict.index") };
}
