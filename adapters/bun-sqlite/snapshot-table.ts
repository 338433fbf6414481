import { crc32 } from "../checksum/index.ts";
import type { StoredSnapshot } from "./commit-record.ts";
import type { Connection } from "./connection.ts";

/** Returns the ids of all snapshots with chunks, committed or not. */
export function snapshotIds(connection: Connection): number[] {
  return connection
    .all("SELECT DISTINCT snapshot FROM chunks ORDER BY snapshot")
    .map((row) => Number(row.snapshot));
}

export function insertChunk(connection: Connection, id: number, start: number, data: Uint8Array): void {
  connection.run("INSERT INTO chunks VALUES (?, ?, ?, ?)", id, start, data, checksumOf(id, start, data));
}

/**
 * Deletes some of a snapshot's chunks: at least one, about 1 MiB.
 *
 * @returns whether there were any
 */
export function deleteChunks(connection: Connection, id: number): boolean {
  const rows = connection.all(
    "SELECT start, length(data) AS bytes FROM chunks WHERE snapshot = ? ORDER BY start LIMIT 256",
    id,
  );
  let last: number | undefined;
  for (let bytes = 0, at = 0; at < rows.length && bytes < sliceBytes; at++) {
    last = Number(rows[at]?.start);
    bytes += Number(rows[at]?.bytes);
  }
  if (last === undefined) return false;
  connection.run("DELETE FROM chunks WHERE snapshot = ? AND start <= ?", id, last);
  return true;
}

/** @throws RangeError if the snapshot differs from the committed one */
export function checkSnapshot(connection: Connection, { id, size, crc }: StoredSnapshot): void {
  let found = 0;
  for (let start = 0; start < size; start += sliceBytes) {
    found = crc32(readChunks(connection, id, start, Math.min(start + sliceBytes, size)), found);
  }
  if (found !== crc) throw new RangeError("its snapshot has changed");
}

/**
 * Returns the bytes of a snapshot from one offset to another, each chunk checked.
 *
 * @throws RangeError if a chunk has changed or is missing
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
    const offset = Number(start);
    if (!(data instanceof Uint8Array) || crc !== checksumOf(id, offset, data) || offset > filledTo) break;
    const part = data.subarray(filledTo - offset, to - offset);
    bytes.set(part, filledTo - from);
    filledTo += part.length;
  }
  if (filledTo < to) throw new RangeError(`its snapshot has changed at byte ${filledTo}`);
  return bytes;
}

const sliceBytes = 1024 * 1024;

const header = new DataView(new ArrayBuffer(16));

function checksumOf(id: number, start: number, data: Uint8Array): number {
  header.setFloat64(0, id);
  header.setFloat64(8, start);
  return crc32(data, crc32(new Uint8Array(header.buffer)));
}
