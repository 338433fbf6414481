import type { DiskFile, SnapshotSource } from "../../src/ports/index.ts";
import type { SnapshotMeta } from "../../src/raft/index.ts";
import { crc32 } from "../checksum/index.ts";
import type { Folder } from "./folder.ts";
import {
  blockBytes,
  blockCount,
  blockOffset,
  checksumBytes,
  claimedHeaderBytes,
  decodeHeader,
  encodeTrailer,
  fixedHeaderBytes,
  headerChecksum,
  sizeOfData,
  trailerBytes,
  trailerOffset,
} from "./snapshot-format.ts";

interface Block {
  readonly data: Uint8Array;
  readonly checksum: number;
}

interface OpenSnapshot {
  readonly folder: Folder;
  readonly name: string;
  readonly file: DiskFile;
  readonly meta: SnapshotMeta;
  /** Of the state machine's data, in bytes. */
  readonly size: number;
}

/** Blocks read at once by `check`. */
const checkBlocks = 16;

/** Reads a snapshot's file. Returns only checked bytes. */
export class SnapshotReader implements SnapshotSource {
  readonly meta: SnapshotMeta;
  readonly size: number;
  readonly #folder: Folder;
  readonly #name: string;
  readonly #file: DiskFile;

  private constructor({ folder, name, file, meta, size }: OpenSnapshot) {
    this.#folder = folder;
    this.#name = name;
    this.#file = file;
    this.meta = meta;
    this.size = size;
  }

  /** @throws PersisterError `corrupt` */
  static async open(folder: Folder, name: string): Promise<SnapshotReader> {
    const file = await folder.open(name);
    try {
      const bytes = await file.size();
      const headerBytes = claimedHeaderBytes(await file.readAt(0, fixedHeaderBytes));
      const isClaimed = headerBytes !== undefined && headerBytes <= bytes;
      const meta = isClaimed ? decodeHeader(await file.readAt(0, headerBytes)) : undefined;
      if (!meta) throw folder.corrupt(name, 0, "its header has changed");
      const size = sizeOfData(meta, bytes);
      if (size === undefined) throw folder.corrupt(name, bytes, "no snapshot ends there");
      return new SnapshotReader({ folder, name, file, meta, size });
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Checks the whole file. @throws PersisterError `corrupt` */
  async check(): Promise<void> {
    const checksums = [headerChecksum(this.meta)];
    for (let first = 0; first < blockCount(this.size); first += checkBlocks) {
      for (const block of await this.#readBlocks(first, first + checkBlocks)) checksums.push(block.checksum);
    }
    const offset = trailerOffset(this.meta, this.size);
    const trailer = await this.#file.readAt(offset, trailerBytes);
    const expected = encodeTrailer(this.size, checksums);
    if (!expected.every((byte, i) => byte === trailer[i])) {
      throw this.#folder.corrupt(this.#name, offset, "its trailer does not match its content");
    }
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const end = Math.min(offset + length, this.size);
    if (end <= offset) return new Uint8Array(0);
    const result = new Uint8Array(end - offset);
    const first = Math.floor(offset / blockBytes);
    const blocks = await this.#readBlocks(first, blockCount(end));
    for (const [i, { data }] of blocks.entries()) {
      const start = (first + i) * blockBytes;
      const from = Math.max(offset - start, 0);
      result.set(data.subarray(from, end - start), start + from - offset);
    }
    return result;
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  /** Returns the blocks from `first` up to, but not including, `end`. */
  async #readBlocks(first: number, end: number): Promise<Block[]> {
    const start = blockOffset(this.meta, first);
    const readTo = Math.min(blockOffset(this.meta, end), trailerOffset(this.meta, this.size));
    const bytes = await this.#file.readAt(start, readTo - start);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const blocks: Block[] = [];
    for (let at = 0; at < bytes.length; at += blockBytes + checksumBytes) {
      const dataEnd = Math.min(at + blockBytes, bytes.length - checksumBytes);
      const data = bytes.subarray(at, dataEnd);
      const checksum = crc32(data);
      if (checksum !== view.getUint32(dataEnd, true)) {
        throw this.#folder.corrupt(this.#name, start + at, "a block's checksum is wrong");
      }
      blocks.push({ data, checksum });
    }
    return blocks;
  }
}
