import { ChunkWriter } from "./chunks.ts";
import { writeOwner } from "./owner.ts";
import { encodeName } from "./registration.ts";
import type { RegistryContents, RegistryEntry, RegistryEvent } from "./registry.ts";
import type { Session, SessionTable } from "./sessions.ts";
import { UINT53_BYTES } from "./uint53.ts";
import type { ValueMap } from "./value-map.ts";

/** The whole state of a store. Equal states give equal bytes. */
export interface SnapshotContents extends SessionTable {
  readonly values: ValueMap;
  readonly registry: RegistryContents;
}

/*
 * All numbers are big-endian; those without a type are uint53.
 *
 *   header    magic and version (8 bytes), clockMs, numbers of sessions, values, registry entries and registry events
 *   sessions  id, lastUsedMs, lowestPending, number of results, owner length (u32), owner; for each result sequence,
 *             result (see outcome.ts; in the order of last use, the results in the order of their writes)
 *   values    revision, key length (u32), value length (u32), key, value
 *             (in the order of the keys)
 *   entries   revision, name length (u32), value length (u32), name, value
 *             (in the order of the names)
 *   events    index, timeMs, content length (u32), content
 *             (oldest first)
 *
 * The counts in the header distinguish a whole snapshot from a truncated one.
 */

/** "ruaftkv" and the version of the format. */
export const magic: Uint8Array = Uint8Array.of(0x72, 0x75, 0x61, 0x66, 0x74, 0x6b, 0x76, 2);
export const HEADER_BYTES: number = magic.length + 5 * UINT53_BYTES;
/** Of a session without its owner and results. */
export const SESSION_BYTES: number = 4 * UINT53_BYTES + 4;
export const RESULT_BYTES: number = 2 * UINT53_BYTES;

/** Of a registry entry without its name and value. */
export const ENTRY_BYTES: number = UINT53_BYTES + 4 + 4;
/** Of a registry event without its content. */
export const EVENT_BYTES: number = 2 * UINT53_BYTES + 4;

/** Yields chunks of whole records, each in its own buffer. */
export function* encodeSnapshot(contents: SnapshotContents): Generator<Uint8Array> {
  const chunk = new ChunkWriter();
  writeHeader(chunk, contents);
  for (const session of contents.sessions) {
    const { owner, results } = session;
    const recordBytes = SESSION_BYTES + owner.length + results.size * RESULT_BYTES;
    if (!chunk.fits(recordBytes)) yield chunk.startNext(recordBytes);
    writeSession(chunk, session);
  }
  for (const records of contents.values.records()) {
    if (!chunk.fits(records.length)) {
      yield chunk.startNext(records.length);
    }
    chunk.bytes(records);
  }
  for (const entry of contents.registry.entries) {
    const name = encodeName(entry.name);
    const recordBytes = ENTRY_BYTES + name.length + entry.value.length;
    if (!chunk.fits(recordBytes)) yield chunk.startNext(recordBytes);
    writeEntry(chunk, entry, name);
  }
  for (const event of contents.registry.events) {
    const recordBytes = EVENT_BYTES + event.content.length;
    if (!chunk.fits(recordBytes)) yield chunk.startNext(recordBytes);
    writeEvent(chunk, event);
  }
  yield chunk.written();
}

function writeHeader(chunk: ChunkWriter, contents: SnapshotContents): void {
  chunk.bytes(magic);
  chunk.uint53("clockMs", contents.clockMs);
  chunk.uint53("sessions", contents.sessions.length);
  chunk.uint53("values", contents.values.size);
  chunk.uint53("registry entries", contents.registry.entries.length);
  chunk.uint53("registry events", contents.registry.events.length);
}

function writeSession(chunk: ChunkWriter, session: Readonly<Session>): void {
  chunk.uint53("session", session.id);
  chunk.uint53("lastUsedMs", session.lastUsedMs);
  chunk.uint53("lowestPending", session.lowestPending);
  chunk.uint53("results", session.results.size);
  const owner = new Uint8Array(session.owner.length);
  writeOwner(owner, 0, session.owner);
  chunk.uint32(owner.length);
  chunk.bytes(owner);
  for (const [sequence, result] of session.results) {
    chunk.uint53("sequence", sequence);
    chunk.uint53("result", result);
  }
}

function writeEntry(chunk: ChunkWriter, { revision, value }: RegistryEntry, name: Uint8Array): void {
  chunk.uint53("revision", revision);
  chunk.uint32(name.length);
  chunk.uint32(value.length);
  chunk.bytes(name);
  chunk.bytes(value);
}

function writeEvent(chunk: ChunkWriter, { index, timeMs, content }: RegistryEvent): void {
  chunk.uint53("index", index);
  chunk.uint53("timeMs", timeMs);
  chunk.uint32(content.length);
  chunk.bytes(content);
}
