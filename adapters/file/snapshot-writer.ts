import type { DiskFile } from "../../src/ports/index.ts";
import type { SnapshotMeta } from "../../src/raft/index.ts";
import { crc32 } from "../checksum/index.ts";
import {
  blockBytes,
  blockOffset,
  checksumBytes,
  encodeHeader,
  encodeTrailer,
  headerChecksum,
  trailerOffset,
} from "./snapshot-format.ts";

/** Blocks written between syncs. It limits how long the log's syncs wait for a snapshot's. */
const syncBlocks = 64;

/** Writes a snapshot's file from chunks of any size. */
export class SnapshotWriter {
  readonly meta: SnapshotMeta;
  readonly #file: Pick<DiskFile, "writeAt" | "datasync">;
  readonly #checksums: number[];
  /** The current block, with space for its checksum. */
  readonly #block = new Uint8Array(blockBytes + checksumBytes);
  #filled = 0;
  #size = 0;

  constructor(meta: SnapshotMeta, file: Pick<DiskFile, "writeAt" | "datasync">) {
    this.meta = meta;
    this.#file = file;
    this.#checksums = [headerChecksum(meta)];
  }

  /** Bytes of data so far. */
  get size(): number {
    return this.#size;
  }

  async append(chunk: Uint8Array): Promise<void> {
    for (let taken = 0; taken < chunk.length; ) {
      const piece = chunk.subarray(taken, taken + blockBytes - this.#filled);
      this.#block.set(piece, this.#filled);
      this.#filled += piece.length;
      this.#size += piece.length;
      taken += piece.length;
      if (this.#filled === blockBytes) await this.#writeBlock();
    }
  }

  /** Completes the file. It is durable under its current name when the promise resolves. */
  async finish(): Promise<void> {
    if (this.#filled > 0) await this.#writeBlock();
    const offset = trailerOffset(this.meta, this.#size);
    await this.#file.writeAt(offset, encodeTrailer(this.#size, this.#checksums));
    await this.#file.writeAt(0, encodeHeader(this.meta));
    await this.#file.datasync();
  }

  async #writeBlock(): Promise<void> {
    const checksum = crc32(this.#block.subarray(0, this.#filled));
    new DataView(this.#block.buffer).setUint32(this.#filled, checksum, true);
    const block = this.#checksums.length - 1;
    const offset = blockOffset(this.meta, block);
    await this.#file.writeAt(offset, this.#block.subarray(0, this.#filled + checksumBytes));
    this.#checksums.push(checksum);
    this.#filled = 0;
    if (this.#checksums.length % syncBlocks === 0) await this.#file.datasync();
  }
}
