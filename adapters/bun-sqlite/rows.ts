import {
  emptyState,
  type HardState,
  type LogEntry,
  type LogPosition,
  replicaId,
  type WriteBatch,
} from "../../src/raft/index.ts";
import { crc32c, LogContents, type LogOutline } from "../rules/index.ts";
import type { Connection } from "./connection.ts";
import type { SqliteRow, SqliteValue } from "./database.ts";

/** How hard state and log stand in their tables. Whoever reads a row that is not what was written gets a RangeError. */

export function readHardState(connection: Connection): HardState {
  const row = connection.first("SELECT * FROM hard_state");
  if (row === undefined) return emptyState.hardState;
  const { term, voted_for: vote, relied_on: peers, crc } = row;
  if (crc !== checksumOf(number(term), vote ?? null, text(peers)))
    throw new RangeError("its hard state has changed");
  const reliedOn = text(peers).split(" ").filter(Boolean).map(replicaId);
  return { currentTerm: number(term), votedFor: vote === null ? undefined : replicaId(text(vote)), reliedOn };
}

/** The whole log, checked. */
export function readLog(connection: Connection): LogContents {
  const contents = new LogContents();
  const start = connection.first("SELECT * FROM log_start") ?? {};
  const entries = connection.all('SELECT * FROM log ORDER BY "index"').map(entryOf);
  contents.append({ index: number(start.index), term: number(start.term) }, entries);
  return contents;
}

/** Writes a batch that leaves the log at `position` before its entries; `outline` is brought up to date. */
export function writeBatch(
  connection: Connection,
  outline: LogOutline,
  position: LogPosition,
  { hardState, entries }: WriteBatch,
): void {
  const { prev, last } = outline;
  outline.append(position, entries);
  if (position.index < last.index) connection.run('DELETE FROM log WHERE "index" > ?', position.index);
  startAt(connection, prev, outline.prev);
  for (const { index, term, type, data } of entries) {
    const crc = crc32c(data, checksumOf(index, term, type));
    connection.run("INSERT INTO log VALUES (?, ?, ?, ?, ?)", index, term, type, data, crc);
  }
  if (hardState) writeHardState(connection, hardState);
}

/** The log begins behind another position than before: what lies before that goes. */
export function startAt(connection: Connection, before: LogPosition, now: LogPosition): void {
  if (before.index === now.index && before.term === now.term) return;
  connection.run('UPDATE log_start SET "index" = ?, term = ?', now.index, now.term);
  connection.run('DELETE FROM log WHERE "index" <= ?', now.index);
}

function writeHardState(connection: Connection, { currentTerm, votedFor, reliedOn }: HardState): void {
  const values = [currentTerm, votedFor ?? null, reliedOn.join(" ")] as const;
  connection.run("REPLACE INTO hard_state VALUES (1, ?, ?, ?, ?)", ...values, checksumOf(...values));
}

function entryOf(row: SqliteRow, at: number, rows: readonly SqliteRow[]): LogEntry {
  const { term, type, data, crc } = row;
  const index = number(row.index);
  const isWhole =
    (type === "command" || type === "noop") &&
    data instanceof Uint8Array &&
    crc === crc32c(data, checksumOf(index, number(term), type));
  if (!isWhole || index !== number(rows[0]?.index) + at)
    throw new RangeError(`its entry ${index} has changed`);
  return { index, term: number(term), type, data };
}

function checksumOf(...values: SqliteValue[]): number {
  return crc32c(new TextEncoder().encode(JSON.stringify(values)));
}

function number(value: SqliteValue | undefined): number {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${String(value)} stands where a number belongs`);
  return value as number;
}

function text(value: SqliteValue | undefined): string {
  if (typeof value !== "string") throw new RangeError(`${String(value)} stands where a text belongs`);
  return value;
}
