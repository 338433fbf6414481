import type { SnapshotMeta } from "../../src/raft/index.ts";
import { crc32c } from "../rules/index.ts";
import type { Connection } from "./connection.ts";

/** A snapshot that is committed. */
export interface StoredSnapshot {
  readonly id: number;
  readonly meta: SnapshotMeta;
  /** In bytes. */
  readonly size: number;
}

/** Removes what was begun and not committed, and what a newer one has replaced. */
export function newestSnapshot(connection: Connection): StoredSnapshot | undefined {
  const row = connection.first("SELECT * FROM snapshots WHERE size IS NOT NULL ORDER BY id DESC LIMIT 1");
  const id = Number(row?.id ?? 0);
  connection.transaction(() => {
    connection.run("DELETE FROM chunks WHERE snapshot <> ?", id);
    connection.run("DELETE FROM snapshots WHERE id <> ?", id);
  });
  if (row === undefined) return undefined;
  const { last_index: lastIncludedIndex, last_term: lastIncludedTerm, size } = row;
  const meta = { lastIncludedIndex: Number(lastIncludedIndex), lastIncludedTerm: Number(lastIncludedTerm) };
  return { id, meta, size: Number(size) };
}

/** @returns its id */
export function beginSnapshot(connection: Connection, meta: SnapshotMeta): number {
  const { lastIncludedIndex, lastIncludedTerm } = meta;
  const row = connection.first(
    "INSERT INTO snapshots (last_index, last_term) VALUES (?, ?) RETURNING id",
    lastIncludedIndex,
    lastIncludedTerm,
  );
  return Number(row?.id);
}

export function writeChunk(connection: Connection, id: number, start: number, data: Uint8Array): void {
  connection.run("INSERT INTO chunks VALUES (?, ?, ?, ?)", id, start, data, crc32c(data));
}

export function sealSnapshot(connection: Connection, id: number, size: number): void {
  connection.run("UPDATE snapshots SET size = ? WHERE id = ?", size, id);
}

export function dropSnapshot(connection: Connection, id: number): void {
  connection.run("DELETE FROM chunks WHERE snapshot = ?", id);
  connection.run("DELETE FROM snapshots WHERE id = ?", id);
}

/**
 * The bytes of a snapshot from one offset to another, each chunk checked.
 *
 * @throws RangeError where a chunk is not what was written, or missing
 */
export function readChunks(connection: Connection, id: number, from: number, to: number): Uint8Array {
  const bytes = new Uint8Array(to - from);
  if (bytes.length === 0) return bytes;
  const rows = connection.all(
    `SELECT start, data, crc FROM chunks WHERE snapshot = ?1 AND start < ?3
       AND start >= (SELECT max(start) FROM chunks WHERE snapshot = ?1 AND start <= ?2) ORDER BY start`,
    id,
    from,
    to,
  );
  let filledTo = from;
  for (const { start, data, crc } of rows) {
    if (!(data instanceof Uint8Array) || crc !== crc32c(data)) break;
    const offset = Number(start);
    if (offset > filledTo) break;
    const part = data.subarray(filledTo - offset, to - offset);
    bytes.set(part, filledTo - from);
    filledTo += part.length;
  }
  if (filledTo < to) throw new RangeError(`its snapshot has changed at byte ${filledTo}`);
  return bytes;
}
