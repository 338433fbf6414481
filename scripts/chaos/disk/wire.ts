/** The messages of /dev/fuse (linux/fuse.h, protocol 7.31) that a data directory needs. */

export const Opcode = {
  lookup: 1,
  forget: 2,
  getattr: 3,
  setattr: 4,
  mknod: 8,
  mkdir: 9,
  unlink: 10,
  rmdir: 11,
  rename: 12,
  link: 13,
  open: 14,
  read: 15,
  write: 16,
  statfs: 17,
  release: 18,
  fsync: 20,
  flush: 25,
  init: 26,
  opendir: 27,
  readdir: 28,
  releasedir: 29,
  fsyncdir: 30,
  access: 34,
  create: 35,
  interrupt: 36,
  destroy: 38,
  batchForget: 42,
  rename2: 45,
} as const;

export const Errno = {
  ENOENT: 2,
  EIO: 5,
  EEXIST: 17,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  ENOSPC: 28,
  ENOSYS: 38,
  ENOTEMPTY: 39,
} as const;

export type ErrnoName = keyof typeof Errno;

export const MAX_WRITE_BYTES: number = 2 ** 17;

const HEADER_BYTES = 40;

/** A request of the kernel. */
export interface FuseRequest {
  readonly opcode: number;
  readonly unique: bigint;
  readonly node: number;
  readonly body: Buffer;
}

export function readRequest(bytes: Buffer): FuseRequest {
  return {
    opcode: bytes.readUInt32LE(4),
    unique: bytes.readBigUInt64LE(8),
    node: Number(bytes.readBigUInt64LE(16)),
    body: bytes.subarray(HEADER_BYTES),
  };
}

/** @param error an errno, 0 for none */
export function replyHeader(unique: bigint, error: number, bodyBytes: number): Buffer {
  const header = Buffer.alloc(16);
  header.writeUInt32LE(16 + bodyBytes, 0);
  header.writeInt32LE(-error, 4);
  header.writeBigUInt64LE(unique, 8);
  return header;
}

/** Returns the zero-terminated names at the end of a request. */
export function namesIn(body: Buffer, offset: number): string[] {
  return body.toString("utf8", offset).split("\0").slice(0, -1);
}

export interface Attributes {
  readonly id: number;
  readonly sizeBytes: number;
  readonly mode: number;
  readonly links: number;
  readonly changedAtMs: number;
}

const CACHED_S = 3600n;

export function attrReply(attributes: Attributes): Buffer {
  const reply = Buffer.alloc(104);
  reply.writeBigUInt64LE(CACHED_S, 0);
  writeAttr(reply, 16, attributes);
  return reply;
}

/** Names are looked up each time, because a power failure changes them. */
export function entryReply(attributes: Attributes): Buffer {
  const reply = Buffer.alloc(128);
  reply.writeBigUInt64LE(BigInt(attributes.id), 0);
  reply.writeBigUInt64LE(CACHED_S, 24);
  writeAttr(reply, 40, attributes);
  return reply;
}

function writeAttr(reply: Buffer, at: number, { id, sizeBytes, mode, links, changedAtMs }: Attributes): void {
  reply.writeBigUInt64LE(BigInt(id), at);
  reply.writeBigUInt64LE(BigInt(sizeBytes), at + 8);
  reply.writeBigUInt64LE(BigInt(Math.ceil(sizeBytes / 512)), at + 16);
  for (const time of [24, 32, 40]) reply.writeBigUInt64LE(BigInt(Math.floor(changedAtMs / 1000)), at + time);
  reply.writeUInt32LE(mode, at + 60);
  reply.writeUInt32LE(links, at + 64);
  reply.writeUInt32LE(4096, at + 80);
}

export function initReply(body: Buffer): Buffer {
  const asyncRead = 1;
  const bigWrites = 1 << 5;
  const reply = Buffer.alloc(64);
  reply.writeUInt32LE(7, 0);
  reply.writeUInt32LE(31, 4);
  reply.writeUInt32LE(body.readUInt32LE(8), 8);
  reply.writeUInt32LE(asyncRead | bigWrites, 12);
  reply.writeUInt16LE(16, 16);
  reply.writeUInt16LE(12, 18);
  reply.writeUInt32LE(MAX_WRITE_BYTES, 20);
  reply.writeUInt32LE(1, 24);
  return reply;
}

export function statfsReply(totalBytes: number, freeBytes: number): Buffer {
  const reply = Buffer.alloc(80);
  reply.writeBigUInt64LE(BigInt(Math.floor(totalBytes / 4096)), 0);
  reply.writeBigUInt64LE(BigInt(Math.floor(freeBytes / 4096)), 8);
  reply.writeBigUInt64LE(BigInt(Math.floor(freeBytes / 4096)), 16);
  reply.writeBigUInt64LE(1_000_000n, 24);
  reply.writeBigUInt64LE(1_000_000n, 32);
  reply.writeUInt32LE(4096, 40);
  reply.writeUInt32LE(255, 44);
  reply.writeUInt32LE(4096, 48);
  return reply;
}

/** @param isDirectory the type in the directory's entry */
export function directoryEntry(id: number, offset: number, name: string, isDirectory: boolean): Buffer {
  const bytes = Buffer.from(name);
  const entry = Buffer.alloc(24 + Math.ceil(bytes.length / 8) * 8);
  entry.writeBigUInt64LE(BigInt(id), 0);
  entry.writeBigUInt64LE(BigInt(offset), 8);
  entry.writeUInt32LE(bytes.length, 16);
  entry.writeUInt32LE(isDirectory ? 4 : 8, 20);
  bytes.copy(entry, 24);
  return entry;
}
