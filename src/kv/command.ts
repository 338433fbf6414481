import type { WriteTicket } from "./messages.ts";
import { readOwner, writeOwner } from "./owner.ts";
import { decodeName, decodeRegistration, encodeName, encodeRegistration } from "./registration.ts";
import type { Registration } from "./registry.ts";
import { readUint53, UINT53_BYTES, writeUint53 } from "./uint53.ts";

/** Part of every command: the leader's time stamp. The state machine takes its time from these stamps. */
interface Stamp {
  /** Cluster time known to the leader, in ms: how long the cluster has had a working leader. */
  readonly timeMs: number;
}

/** Part of a command in a session. */
interface Owned {
  /** The replica, or other client, that sent the request: only the owner of a session can write in it. */
  readonly owner: string;
}

/** A change to one key, applied exactly once. */
export interface WriteCommand extends Stamp, Owned, WriteTicket {
  readonly type: "put" | "append";
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** A change to one name of the registry, applied exactly once. */
export interface RegisterCommand extends Stamp, Owned, WriteTicket, Registration {
  readonly type: "register";
}

/** Opens a session with the id that the leader drew. */
export interface OpenSessionCommand extends Stamp, Owned {
  readonly type: "openSession";
  readonly session: number;
}

/** A command in the log of the store. */
export type Command =
  /** An `audit` changes nothing: every replica hashes its state at this index. */
  | ({ readonly type: "commitSentinel" | "audit" } & Stamp)
  | OpenSessionCommand
  | WriteCommand
  | RegisterCommand;

/*
 * All numbers are big-endian. The first byte holds the version of the format (high half) and the type.
 *
 *   commitSentinel, audit  code, timeMs
 *   openSession            code, timeMs, session, owner length (1 byte), owner
 *   put, append            code, timeMs, session, owner length, sequence, lowestPending, key length (u32), owner, key, value
 *   register               as a put, with the name as its key; see registration.ts for what follows
 */
const FORMAT = 2;
const codes = {
  openSession: 0x21,
  put: 0x22,
  append: 0x23,
  commitSentinel: 0x24,
  audit: 0x25,
  register: 0x26,
} as const satisfies Record<Command["type"], number>;

const TIME_OFFSET = 1;
const BARE_BYTES = TIME_OFFSET + UINT53_BYTES;
const SESSION_OFFSET = BARE_BYTES;
const OWNER_LENGTH_OFFSET = SESSION_OFFSET + UINT53_BYTES;
const OPEN_SESSION_BYTES = OWNER_LENGTH_OFFSET + 1;
const SEQUENCE_OFFSET = OPEN_SESSION_BYTES;
const LOWEST_PENDING_OFFSET = SEQUENCE_OFFSET + UINT53_BYTES;
const KEY_LENGTH_OFFSET = LOWEST_PENDING_OFFSET + UINT53_BYTES;
const OWNER_OFFSET = KEY_LENGTH_OFFSET + 4;

/**
 * Header numbers are written through this shared buffer. A DataView on each command's bytes would create an ArrayBuffer
 * for each, which costs the garbage collector more than everything else here.
 */
const header = new Uint8Array(OWNER_OFFSET);
const headerView = new DataView(header.buffer);

/**
 * Encodes a command into a new array.
 *
 * @throws RangeError if one of its numbers is not an integer from 0 to 2^53 - 1, or a part exceeds its limit
 */
export function encodeCommand(command: Command): Uint8Array {
  headerView.setUint8(0, codes[command.type]);
  writeUint53(headerView, TIME_OFFSET, "timeMs", command.timeMs);
  switch (command.type) {
    case "commitSentinel":
    case "audit":
      return header.slice(0, BARE_BYTES);
    case "openSession":
      return encodeOpenSession(command);
    case "put":
    case "append":
      return encodeWrite(command, command.key, command.value);
    case "register":
      return encodeWrite(command, encodeName(command.name), encodeRegistration(command));
  }
}

/** Returns the encoded length of a write command, in bytes. */
export function writeBytes({ owner, key, value }: Pick<WriteCommand, "owner" | "key" | "value">): number {
  return OWNER_OFFSET + owner.length + key.length + value.length;
}

function encodeOpenSession({ session, owner }: OpenSessionCommand): Uint8Array {
  writeUint53(headerView, SESSION_OFFSET, "session", session);
  headerView.setUint8(OWNER_LENGTH_OFFSET, owner.length);
  const bytes = new Uint8Array(OPEN_SESSION_BYTES + owner.length);
  bytes.set(header.subarray(0, OPEN_SESSION_BYTES));
  writeOwner(bytes, OPEN_SESSION_BYTES, owner);
  return bytes;
}

function encodeWrite(
  { session, sequence, lowestPending, owner }: WriteTicket & Owned,
  key: Uint8Array,
  value: Uint8Array,
): Uint8Array {
  writeUint53(headerView, SESSION_OFFSET, "session", session);
  headerView.setUint8(OWNER_LENGTH_OFFSET, owner.length);
  writeUint53(headerView, SEQUENCE_OFFSET, "sequence", sequence);
  writeUint53(headerView, LOWEST_PENDING_OFFSET, "lowestPending", lowestPending);
  headerView.setUint32(KEY_LENGTH_OFFSET, key.length);
  const bytes = new Uint8Array(writeBytes({ owner, key, value }));
  bytes.set(header);
  writeOwner(bytes, OWNER_OFFSET, owner);
  bytes.set(key, OWNER_OFFSET + owner.length);
  bytes.set(value, OWNER_OFFSET + owner.length + key.length);
  return bytes;
}

/**
 * Decodes a command. Its key and value may be views of `bytes`.
 *
 * @param parts copies the key and the value of a write
 * @throws Error if `bytes` is not exactly one command
 */
export function decodeCommand(bytes: Uint8Array, parts: Parts = ownParts): Command {
  switch (bytes[0]) {
    case codes.openSession:
      return decodeOpenSession(bytes);
    case codes.commitSentinel:
      return decodeBare("commitSentinel", bytes);
    case codes.audit:
      return decodeBare("audit", bytes);
    case codes.put:
      return decodeWrite("put", bytes, parts);
    case codes.append:
      return decodeWrite("append", bytes, parts);
    case codes.register: {
      const { key, value, ...rest } = decodeWrite("register", bytes, ownParts);
      return { ...rest, name: decodeName(key), ...decodeRegistration(value) };
    }
    default:
      throw new Error(`malformed command: ${problemOf(bytes[0])}`);
  }
}

/** Makes the arrays of a command's key and value from the bytes between two offsets. */
export interface Parts {
  key(bytes: Uint8Array, start: number, end: number): Uint8Array;
  value(bytes: Uint8Array, start: number, end: number): Uint8Array;
}

const ownParts: Parts = { key: partOf, value: partOf };

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

/** Returns whether an encoded command is a `register`, if it is a command. */
export function isRegister(bytes: Uint8Array): boolean {
  return bytes[0] === codes.register;
}

function decodeBare(type: "commitSentinel" | "audit", bytes: Uint8Array): Command {
  if (bytes.length !== BARE_BYTES) {
    throw new Error(`malformed command: ${type} takes ${BARE_BYTES} bytes, not ${bytes.length}`);
  }
  readHeader(bytes);
  return { type, timeMs: readUint53(headerView, TIME_OFFSET, "timeMs") };
}

function decodeOpenSession(bytes: Uint8Array): OpenSessionCommand {
  if (bytes.length < OPEN_SESSION_BYTES) throw tooShort("openSession", OPEN_SESSION_BYTES, bytes);
  readHeader(bytes);
  const ownerEnd = OPEN_SESSION_BYTES + headerView.getUint8(OWNER_LENGTH_OFFSET);
  if (ownerEnd !== bytes.length) {
    throw new Error(`malformed command: the owner ends at byte ${ownerEnd} of ${bytes.length}`);
  }
  return {
    type: "openSession",
    timeMs: readUint53(headerView, TIME_OFFSET, "timeMs"),
    session: readUint53(headerView, SESSION_OFFSET, "session"),
    owner: readOwner(bytes, OPEN_SESSION_BYTES, ownerEnd),
  };
}

function decodeWrite<Type extends "put" | "append" | "register">(
  type: Type,
  bytes: Uint8Array,
  parts: Parts,
): Omit<WriteCommand, "type"> & { readonly type: Type } {
  if (bytes.length < OWNER_OFFSET) throw tooShort(type, OWNER_OFFSET, bytes);
  readHeader(bytes);
  const keyOffset = OWNER_OFFSET + headerView.getUint8(OWNER_LENGTH_OFFSET);
  const valueOffset = keyOffset + headerView.getUint32(KEY_LENGTH_OFFSET);
  if (valueOffset > bytes.length) {
    throw new Error(`malformed command: the key ends at byte ${valueOffset} of ${bytes.length}`);
  }
  return {
    type,
    timeMs: readUint53(headerView, TIME_OFFSET, "timeMs"),
    session: readUint53(headerView, SESSION_OFFSET, "session"),
    sequence: readUint53(headerView, SEQUENCE_OFFSET, "sequence"),
    lowestPending: readUint53(headerView, LOWEST_PENDING_OFFSET, "lowestPending"),
    owner: readOwner(bytes, OWNER_OFFSET, keyOffset),
    key: parts.key(bytes, keyOffset, valueOffset),
    value: parts.value(bytes, valueOffset, bytes.length),
  };
}

function tooShort(type: Command["type"], minBytes: number, bytes: Uint8Array): Error {
  return new Error(`malformed command: ${type} needs at least ${minBytes} bytes, got ${bytes.length}`);
}

function readHeader(bytes: Uint8Array): void {
  const end = Math.min(bytes.length, OWNER_OFFSET);
  for (let i = 0; i < end; i++) header[i] = bytes[i] ?? 0;
}

/**
 * Parts up to this length, in bytes, are copied; longer ones become views. A view creates an ArrayBuffer, which on Bun
 * costs more than copying a small part.
 */
const MAX_COPIED_BYTES = 1024;

/** Returns a part of `bytes`: a copy if it is short, otherwise a view. */
export function partOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  if (end - start > MAX_COPIED_BYTES) return bytes.subarray(start, end);
  // `Buffer.slice` would return a view.
  return Uint8Array.prototype.slice.call(bytes, start, end);
}
