import { ChunkWriter } from "./chunks.ts";
import type { Session, SessionTable } from "./sessions.ts";
import { UINT53_BYTES } from "./uint53.ts";
import type { ValueMap } from "./value-map.ts";

/** The whole state of a store. Equal states give equal bytes. */
export interface SnapshotContents extends SessionTable {
  readonly values: ValueMap;
}

/*
 * All numbers are big-endian; those without a type are uint53.
 *
 *   header    magic and version (8 bytes), clockMs, number of sessions, number of values
 *   sessions  id, lastUsedMs, lowestPending, number of results; for each of those sequence, result
 *             (in the order of last use, the results in the order of their writes)
 *   values    revision, key length (u32), value length (u32), key, value
 *             (in the order of the keys)
 *
 * The counts in the header distinguish a whole snapshot from a truncated one.
 */

/** "ruaftkv" and the version of the format. */
export const magic: Uint8Array = Uint8Array.of(0x72, 0x75, 0x61, 0x66, 0x74, 0x6b, 0x76, 1);
export const HEADER_BYTES: number = magic.length + 3 * UINT53_BYTES;
export const SESSION_BYTES: number = 4 * UINT53_BYTES;
export const RESULT_BYTES: number = 2 * UINT53_BYTES;

/** Yields chunks of whole records, each in its own buffer. */
export function* encodeSnapshot(contents: SnapshotContents): Generator<Uint8Array> {
  const chunk = new ChunkWriter();
  writeHeader(chunk, contents);
  for (const session of contents.sessions) {
    const recordBytes = SESSION_BYTES + session.results.size * RESULT_BYTES;
    if (!chunk.fits(recordBytes)) {
      yield chunk.startNext(recordBytes);
    }
    writeSession(chunk, session);
  }
  for (const records of contents.values.records()) {
    if (!chunk.fits(records.length)) {
      yield chunk.startNext(records.length);
    }
    chunk.bytes(records);
  }
  yield chunk.written();
}

function writeHeader(chunk: ChunkWriter, contents: SnapshotContents): void {
  chunk.bytes(magic);
  chunk.uint53("clockMs", contents.clockMs);
  chunk.uint53("sessions", contents.sessions.length);
  chunk.uint53("values", contents.values.size);
}

function writeSession(chunk: ChunkWriter, session: Readonly<Session>): void {
  chunk.uint53("session", session.id);
  chunk.uint53("lastUsedMs", session.lastUsedMs);
  chunk.uint53("lowestPending", session.lowestPending);
  chunk.uint53("results", session.results.size);
  for (const [sequence, result] of session.results) {
    chunk.uint53("sequence", sequence);
    chunk.uint53("result", result);
  }
}
