import type { LogEntry, LogPosition } from "../../src/raft/index.ts";
import { crc32 } from "../checksum/index.ts";
import { codeOfType, typeOfCode } from "../shared/index.ts";
import type { ChainedPosition, CommitRecord } from "./commit-record.ts";
import type { Connection } from "./connection.ts";
import type { SqliteRow, SqliteValue } from "./database.ts";

/**
 * Returns the entries that a record describes, each checked. Rows at or below its start are obsolete.
 *
 * @throws RangeError if an entry has changed or is missing, or if there is one too many
 */
export function readLog(connection: Connection, { start, end }: CommitRecord): LogEntry[] {
  const entries: LogEntry[] = [];
  let last = start;
  for (const row of connection.all('SELECT * FROM log WHERE "index" > ? ORDER BY "index"', start.index)) {
    const entry = entryOf(row);
    last = chained(last, entry);
    if (entry.index !== start.index + entries.length + 1 || row.chain !== last.chain) {
      throw new RangeError(`its log has changed at entry ${start.index + entries.length + 1}`);
    }
    entries.push(entry);
  }
  if (last.index !== end.index || last.term !== end.term || last.chain !== end.chain) {
    throw new RangeError(`its log ends at index ${last.index}, not at ${end.index} as it was written`);
  }
  return entries;
}

/**
 * Truncates the log after a position and appends entries.
 *
 * @returns the position of the last entry
 */
export function appendEntries(
  connection: Connection,
  { end }: CommitRecord,
  position: ChainedPosition,
  entries: readonly LogEntry[],
): ChainedPosition {
  if (position.index < end.index) connection.run('DELETE FROM log WHERE "index" > ?', position.index);
  let last = position;
  for (const entry of entries) {
    const { index, term, type, data } = entry;
    last = chained(last, entry);
    connection.run("INSERT INTO log VALUES (?, ?, ?, ?, ?)", index, term, codeOfType(type), data, last.chain);
  }
  return last;
}

/** Returns the log's position at an index with its checksum, or undefined if the log does not contain it. */
export function positionAt(
  connection: Connection,
  { start, end }: CommitRecord,
  index: number,
): ChainedPosition | undefined {
  for (const known of [end, start]) if (known.index === index) return known;
  if (index < start.index || index > end.index) return undefined;
  const { term, chain } = connection.first('SELECT term, chain FROM log WHERE "index" = ?', index) ?? {};
  return { index, term: number(term), chain: number(chain) };
}

/** Returns the start of a new log with a new chain of checksums. */
export function newStart({ index, term }: LogPosition): ChainedPosition {
  return { index, term, chain: 0 };
}

/**
 * Deletes some of the rows at or below an index: about 1 MiB, at most 256 rows.
 *
 * @returns whether there were any
 */
export function deleteCovered(connection: Connection, index: number): boolean {
  const rows = connection.all(
    'SELECT "index", length(data) AS bytes FROM log WHERE "index" <= ? ORDER BY "index" LIMIT 256',
    index,
  );
  let last = 0;
  for (let bytes = 0, at = 0; at < rows.length && bytes < sliceBytes; at++) {
    last = number(rows[at]?.index);
    bytes += number(rows[at]?.bytes);
  }
  if (last > 0) connection.run('DELETE FROM log WHERE "index" <= ?', last);
  return last > 0;
}

const sliceBytes = 1024 * 1024;

const header = new DataView(new ArrayBuffer(17));

function chained({ chain }: ChainedPosition, { index, term, type, data }: LogEntry): ChainedPosition {
  header.setFloat64(0, index);
  header.setFloat64(8, term);
  header.setUint8(16, codeOfType(type));
  return { index, term, chain: crc32(data, crc32(new Uint8Array(header.buffer), chain)) };
}

function entryOf(row: SqliteRow): LogEntry {
  const { type, data } = row;
  if (!(data instanceof Uint8Array)) throw new RangeError("an entry's data are not bytes");
  const index = number(row.index);
  return { index, term: number(row.term), type: typeOfCode(type, index), data };
}

function number(value: SqliteValue | undefined): number {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${String(value)} is not a whole number`);
  return value as number;
}
