import type { WriteTicket } from "./messages.ts";
import { readUint53, UINT53_BYTES, writeUint53 } from "./uint53.ts";

/** Part of every command: the leader's time stamp. The state machine takes its time from these stamps. */
interface Stamp {
  /** Cluster time known to the leader, in ms: how long the cluster has had a working leader. */
  readonly timeMs: number;
}

/** A change to one key, applied exactly once. */
export interface WriteCommand extends Stamp, WriteTicket {
  readonly type: "put" | "append";
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** A command in the log of the store. */
export type Command =
  /** An `audit` changes nothing: every replica hashes its state at this index. */
  ({ readonly type: "openSession" | "commitSentinel" | "audit" } & Stamp) | WriteCommand;

/*
 * All numbers are big-endian. The first byte holds the version of the format (high half) and the type.
 *
 *   openSession, commitSentinel, audit   code, timeMs
 *   put, append                          code, timeMs, session, sequence, lowestPending, key length (u32), key, value
 */
const FORMAT = 1;
const codes = {
  openSession: 0x11,
  put: 0x12,
  append: 0x13,
  commitSentinel: 0x14,
  audit: 0x15,
} as const satisfies Record<Command["type"], number>;

const TIME_OFFSET = 1;
const BARE_BYTES = TIME_OFFSET + UINT53_BYTES;
const SESSION_OFFSET = BARE_BYTES;
const SEQUENCE_OFFSET = SESSION_OFFSET + UINT53_BYTES;
const LOWEST_PENDING_OFFSET = SEQUENCE_OFFSET + UINT53_BYTES;
const KEY_LENGTH_OFFSET = LOWEST_PENDING_OFFSET + UINT53_BYTES;
const KEY_OFFSET = KEY_LENGTH_OFFSET + 4;

/**
 * Header numbers are written through this shared buffer. A DataView on each command's bytes would create an ArrayBuffer
 * for each, which costs the garbage collector more than everything else here.
 */
const header = new Uint8Array(KEY_OFFSET);
const headerView = new DataView(header.buffer);

/**
 * Encodes a command into a new array.
 *
 * @throws RangeError if one of its numbers is not an integer from 0 to 2^53 - 1
 */
export function encodeCommand(command: Command): Uint8Array {
  headerView.setUint8(0, codes[command.type]);
  writeUint53(headerView, TIME_OFFSET, "timeMs", command.timeMs);
  if (command.type === "put" || command.type === "append") return encodeWrite(command);
  return header.slice(0, BARE_BYTES);
}

/** Returns the encoded length of a write command, in bytes. */
export function writeBytes({ key, value }: Pick<WriteCommand, "key" | "value">): number {
  return KEY_OFFSET + key.length + value.length;
}

function encodeWrite({ session, sequence, lowestPending, key, value }: WriteCommand): Uint8Array {
  writeUint53(headerView, SESSION_OFFSET, "session", session);
  writeUint53(headerView, SEQUENCE_OFFSET, "sequence", sequence);
  writeUint53(headerView, LOWEST_PENDING_OFFSET, "lowestPending", lowestPending);
  headerView.setUint32(KEY_LENGTH_OFFSET, key.length);
  const bytes = new Uint8Array(writeBytes({ key, value }));
  bytes.set(header);
  bytes.set(key, KEY_OFFSET);
  bytes.set(value, KEY_OFFSET + key.length);
  return bytes;
}

/**
 * Decodes a command. Its key and value may be views of `bytes`.
 *
 * @throws Error if `bytes` is not exactly one command
 */
export function decodeCommand(bytes: Uint8Array): Command {
  switch (bytes[0]) {
    case codes.openSession:
      return decodeBare("openSession", bytes);
    case codes.commitSentinel:
      return decodeBare("commitSentinel", bytes);
    case codes.audit:
      return decodeBare("audit", bytes);
    case codes.put:
      return decodeWrite("put", bytes);
    case codes.append:
      return decodeWrite("append", bytes);
    default:
      throw new Error(`malformed command: ${problemOf(bytes[0])}`);
  }
}

function problemOf(code: number | undefined): string {
  if (code === undefined) return "it is empty";
  const format = code >> 4;
  return format === FORMAT
    ? `it has type ${code & 0xf}, which this version does not know`
    : `it has format ${format}, and this version reads only format ${FORMAT}`;
}

/** Returns whether an encoded command is an `audit`. */
export function isAudit(bytes: Uint8Array): boolean {
  return bytes[0] === codes.audit && bytes.length === BARE_BYTES;
}

function decodeBare(type: "openSession" | "commitSentinel" | "audit", bytes: Uint8Array): Command {
  if (bytes.length !== BARE_BYTES) {
    throw new Error(`malformed command: ${type} takes ${BARE_BYTES} bytes, not ${bytes.length}`);
  }
  readHeader(bytes);
  return { type, timeMs: readUint53(headerView, TIME_OFFSET, "timeMs") };
}

function decodeWrite(type: WriteCommand["type"], bytes: Uint8Array): WriteCommand {
  if (bytes.length < KEY_OFFSET) {
    throw new Error(`malformed command: ${type} needs at least ${KEY_OFFSET} bytes, got ${bytes.length}`);
  }
  readHeader(bytes);
  const valueOffset = KEY_OFFSET + headerView.getUint32(KEY_LENGTH_OFFSET);
  if (valueOffset > bytes.length) {
    throw new Error(`malformed command: the key ends at byte ${valueOffset} of ${bytes.length}`);
  }
  return {
    type,
    timeMs: readUint53(headerView, TIME_OFFSET, "timeMs"),
    session: readUint53(headerView, SESSION_OFFSET, "session"),
    sequence: readUint53(headerView, SEQUENCE_OFFSET, "sequence"),
    lowestPending: readUint53(headerView, LOWEST_PENDING_OFFSET, "lowestPending"),
    key: partOf(bytes, KEY_OFFSET, valueOffset),
    value: partOf(bytes, valueOffset, bytes.length),
  };
}

function readHeader(bytes: Uint8Array): void {
  const end = Math.min(bytes.length, KEY_OFFSET);
  for (let i = 0; i < end; i++) header[i] = bytes[i] ?? 0;
}

/**
 * Parts up to this length, in bytes, are copied; longer ones become views. A view creates an ArrayBuffer, which on Bun
 * costs more than copying a small part.
 */
const MAX_COPIED_BYTES = 1024;

function partOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  if (end - start > MAX_COPIED_BYTES) return bytes.subarray(start, end);
  // `Buffer.slice` would return a view.
  return Uint8Array.prototype.slice.call(bytes, start, end);
}
