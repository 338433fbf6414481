import type { DiskFaults } from "./faults.ts";
import type { Directory, Node, Volume, VolumeFile } from "./volume.ts";
import {
  type Attributes,
  attrReply,
  directoryEntry,
  Errno,
  entryReply,
  type FuseRequest,
  initReply,
  namesIn,
  Opcode,
  statfsReply,
} from "./wire.ts";

/** A number is an errno, a buffer an answer, undefined no answer. */
export type FuseReply = Buffer | number | undefined;

const S_IFDIR = 0o040000;
const S_IFREG = 0o100000;
const S_IFSOCK = 0o140000;
const S_IFMT = 0o170000;
const OK = Buffer.alloc(0);
const ROOM_BYTES = 2 ** 34;

/** Answers the kernel's requests about a volume. Faults can delay or fail syncs. */
export class Requests {
  readonly #volume: Volume;
  readonly #faults: DiskFaults;

  constructor(volume: Volume, faults: DiskFaults) {
    this.#volume = volume;
    this.#faults = faults;
  }

  answer(request: FuseRequest): FuseReply | Promise<FuseReply> {
    const { opcode, body } = request;
    if (opcode === Opcode.init) return initReply(body);
    if (opcode === Opcode.statfs) return this.#statfs();
    if (opcode === Opcode.interrupt) return undefined;
    if (opcode === Opcode.forget) return this.#forget([request.node]);
    if (opcode === Opcode.batchForget) return this.#forget(forgotten(body));
    const node = this.#volume.node(request.node);
    if (node === undefined) return answersWithoutNode(opcode);
    return node.type === "directory" ? this.#inDirectory(node, request) : this.#ofFile(node, request);
  }

  #inDirectory(directory: Directory, request: FuseRequest): FuseReply | Promise<FuseReply> {
    const { opcode, body } = request;
    const [at, mode] = [namesAt(opcode), opcode === Opcode.create ? body.readUInt32LE(4) : 0];
    const [name = "", second = ""] = at === undefined ? [] : namesIn(body, at);
    switch (opcode) {
      case Opcode.lookup:
        return this.#lookup(directory, name);
      case Opcode.getattr:
      case Opcode.setattr:
        return attrReply(attributesOf(directory));
      case Opcode.mknod:
        return this.#make(directory, name, body.readUInt32LE(0));
      case Opcode.create:
        return this.#create(directory, name, mode);
      case Opcode.mkdir:
        if (directory.entries.has(name)) return Errno.EEXIST;
        return entryReply(attributesOf(this.#volume.makeDirectory(directory, name, body.readUInt32LE(0))));
      case Opcode.unlink:
      case Opcode.rmdir:
        return this.#remove(directory, name);
      case Opcode.link:
        return this.#link(directory, name, Number(body.readBigUInt64LE(0)));
      case Opcode.rename:
      case Opcode.rename2:
        return this.#rename(directory, Number(body.readBigUInt64LE(0)), [name, second]);
      case Opcode.opendir:
        return Buffer.alloc(16);
      case Opcode.readdir:
        return list(directory, Number(body.readBigUInt64LE(8)), body.readUInt32LE(16));
      case Opcode.fsyncdir:
        return this.#faults.sync(
          () => this.#volume.syncDirectory(directory),
          () => {},
        );
      case Opcode.releasedir:
      case Opcode.access:
        return OK;
      default:
        return Errno.ENOSYS;
    }
  }

  #ofFile(file: VolumeFile, { opcode, body }: FuseRequest): FuseReply | Promise<FuseReply> {
    const { content } = file;
    switch (opcode) {
      case Opcode.getattr:
        return attrReply(attributesOf(file));
      case Opcode.setattr:
        return this.#setattr(file, body);
      case Opcode.open:
        return Buffer.alloc(16);
      case Opcode.read:
        return Buffer.from(content.read(Number(body.readBigUInt64LE(8)), body.readUInt32LE(16)));
      case Opcode.write:
        return this.#write(
          file,
          Number(body.readBigUInt64LE(8)),
          body.subarray(40, 40 + body.readUInt32LE(16)),
        );
      case Opcode.fsync: {
        let finish = () => {};
        return this.#faults.sync(
          () => finish(),
          () => content.failSync(),
          () => {
            finish = content.beginSync();
          },
        );
      }
      case Opcode.flush:
      case Opcode.release:
      case Opcode.access:
        return OK;
      default:
        return Errno.ENOSYS;
    }
  }

  #lookup(directory: Directory, name: string): FuseReply {
    const node = directory.entries.get(name);
    if (node === undefined) return Errno.ENOENT;
    this.#volume.remember(node);
    return entryReply(attributesOf(node));
  }

  #make(directory: Directory, name: string, mode: number): FuseReply {
    if (directory.entries.has(name)) return Errno.EEXIST;
    const type = (mode & S_IFMT) === S_IFSOCK ? "socket" : "file";
    return entryReply(attributesOf(this.#volume.create(directory, name, mode & 0o7777, type)));
  }

  #create(directory: Directory, name: string, mode: number): FuseReply {
    if (directory.entries.has(name)) return Errno.EEXIST;
    const file = this.#volume.create(directory, name, mode & 0o7777);
    return Buffer.concat([entryReply(attributesOf(file)), Buffer.alloc(16)]);
  }

  #remove(directory: Directory, name: string): FuseReply {
    const node = directory.entries.get(name);
    if (node === undefined) return Errno.ENOENT;
    if (node.type === "directory" && node.entries.size > 0) return Errno.ENOTEMPTY;
    this.#volume.change(directory, [[name, undefined]]);
    return OK;
  }

  #link(directory: Directory, name: string, id: number): FuseReply {
    const node = this.#volume.node(id);
    if (node === undefined) return Errno.ENOENT;
    if (directory.entries.has(name)) return Errno.EEXIST;
    this.#volume.change(directory, [[name, node]]);
    return entryReply(attributesOf(node));
  }

  #rename(from: Directory, toId: number, [name, next]: readonly [string, string]): FuseReply {
    const to = this.#volume.node(toId);
    const node = from.entries.get(name);
    if (to === undefined || node === undefined) return Errno.ENOENT;
    if (to.type !== "directory") return Errno.ENOTDIR;
    if (to === from) {
      this.#volume.change(from, [
        [next, node],
        [name, undefined],
      ]);
    } else {
      this.#volume.change(to, [[next, node]]);
      this.#volume.change(from, [[name, undefined]]);
    }
    return OK;
  }

  #setattr(file: VolumeFile, body: Buffer): FuseReply {
    const valid = body.readUInt32LE(0);
    if (valid & 1) file.mode = body.readUInt32LE(68) & 0o7777;
    if (valid & 8) {
      const sizeBytes = Number(body.readBigUInt64LE(16));
      if (!this.#volume.hasSpace(sizeBytes - file.content.sizeBytes)) return Errno.ENOSPC;
      file.content.truncate(sizeBytes);
    }
    return attrReply(attributesOf(file));
  }

  #write(file: VolumeFile, offset: number, bytes: Buffer): FuseReply {
    if (!this.#volume.hasSpace(offset + bytes.length - file.content.sizeBytes)) return Errno.ENOSPC;
    file.content.write(offset, bytes);
    file.changedAtMs = Date.now();
    const reply = Buffer.alloc(8);
    reply.writeUInt32LE(bytes.length, 0);
    return reply;
  }

  #statfs(): Buffer {
    const total = Math.min(this.#volume.capacityBytes, ROOM_BYTES);
    return statfsReply(total, Math.max(0, total - this.#volume.usedBytes()));
  }

  #forget(ids: readonly number[]): undefined {
    for (const id of ids) this.#volume.forget(id);
  }
}

/** A dead process's file that a power failure removed may still be closed. */
function answersWithoutNode(opcode: number): FuseReply {
  const closes: readonly number[] = [Opcode.release, Opcode.releasedir, Opcode.flush, Opcode.destroy];
  return closes.includes(opcode) ? OK : Errno.ENOENT;
}

/** Returns the offset of the names in a request. */
function namesAt(opcode: number): number | undefined {
  switch (opcode) {
    case Opcode.lookup:
    case Opcode.unlink:
    case Opcode.rmdir:
      return 0;
    case Opcode.mkdir:
    case Opcode.link:
    case Opcode.rename:
      return 8;
    case Opcode.mknod:
    case Opcode.create:
    case Opcode.rename2:
      return 16;
    default:
      return undefined;
  }
}

function forgotten(body: Buffer): number[] {
  return Array.from({ length: body.readUInt32LE(0) }, (_, at) => Number(body.readBigUInt64LE(8 + at * 16)));
}

function attributesOf(node: Node): Attributes {
  const { id, mode, changedAtMs } = node;
  switch (node.type) {
    case "directory":
      return { id, changedAtMs, sizeBytes: 4096, mode: mode | S_IFDIR, links: 2 };
    case "file":
      return { id, changedAtMs, sizeBytes: node.content.sizeBytes, mode: mode | S_IFREG, links: node.links };
    case "socket":
      return { id, changedAtMs, sizeBytes: 0, mode: mode | S_IFSOCK, links: node.links };
  }
}

function list(directory: Directory, offset: number, maxBytes: number): Buffer {
  const parts: Buffer[] = [];
  let bytes = 0;
  for (const [at, [name, node]] of [...directory.entries].entries()) {
    if (at < offset) continue;
    const entry = directoryEntry(node.id, at + 1, name, node.type === "directory");
    if (bytes + entry.length > maxBytes) break;
    parts.push(entry);
    bytes += entry.length;
  }
  return Buffer.concat(parts);
}
