import { readUint53, UINT53_BYTES, writeUint53 } from "./uint53.ts";

/** A record that is larger has a chunk of its own. */
const CHUNK_BYTES = 64 * 1024;

/** Fills one chunk after the other with whole records. */
export class ChunkWriter {
  #bytes = new Uint8Array(CHUNK_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #offset = 0;

  fits(byteLength: number): boolean {
    return this.#offset + byteLength <= this.#bytes.length;
  }

  /** A view on what this chunk holds so far. */
  written(): Uint8Array {
    return this.#bytes.subarray(0, this.#offset);
  }

  /** Starts a chunk that holds at least `byteLength`. Returns what was written into the one before. */
  startNext(byteLength: number): Uint8Array {
    const written = this.written();
    this.#bytes = new Uint8Array(Math.max(CHUNK_BYTES, byteLength));
    this.#view = new DataView(this.#bytes.buffer);
    this.#offset = 0;
    return written;
  }

  uint53(name: string, value: number): void {
    writeUint53(this.#view, this.#offset, name, value);
    this.#offset += UINT53_BYTES;
  }

  bytes(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#offset);
    this.#offset += bytes.length;
  }
}

/** Reads records out of chunks that were cut anywhere. A record that isn't whole yet is read again with more bytes. */
export class ChunkReader {
  #bytes = new Uint8Array();
  #view = new DataView(this.#bytes.buffer);
  #offset = 0;
  #recordStart = 0;
  /** Bytes kept for the record that isn't whole yet, in the pieces that they came in. */
  #kept: Uint8Array[] = [];
  #keptBytes = 0;
  /** How long that record is at least: with fewer bytes nothing is tried, because small chunks would cost quadratic time. */
  #neededBytes = 0;

  /** Adds a chunk, which may be reused afterwards. Returns whether reading on is worth a try. */
  push(chunk: Uint8Array): boolean {
    if (this.#keptBytes + chunk.length < this.#neededBytes) {
      this.#keep(chunk);
      return false;
    }
    this.#bytes = new Uint8Array(this.#keptBytes + chunk.length);
    this.#view = new DataView(this.#bytes.buffer);
    let offset = 0;
    for (const piece of [...this.#kept, chunk]) {
      this.#bytes.set(piece, offset);
      offset += piece.length;
    }
    this.#kept = [];
    this.#keptBytes = 0;
    this.#offset = 0;
    this.#recordStart = 0;
    return true;
  }

  /** Whether that many bytes follow; if they don't, the record has to wait for the next chunk. */
  has(byteLength: number): boolean {
    const end = this.#offset + byteLength;
    this.#neededBytes = end - this.#recordStart;
    return end <= this.#bytes.length;
  }

  /** Ends a record: what was read won't be read again. */
  endRecord(): void {
    this.#recordStart = this.#offset;
  }

  /** Keeps what follows the last whole record for the next push. */
  keepRest(): void {
    this.#keep(this.#bytes.subarray(this.#recordStart));
    this.#bytes = new Uint8Array();
  }

  uint53(name: string): number {
    const value = readUint53(this.#view, this.#offset, name);
    this.#offset += UINT53_BYTES;
    return value;
  }

  uint32(): number {
    const value = this.#view.getUint32(this.#offset);
    this.#offset += 4;
    return value;
  }

  /** A view, to be used before the next push. */
  bytes(byteLength: number): Uint8Array {
    const start = this.#offset;
    this.#offset += byteLength;
    return this.#bytes.subarray(start, this.#offset);
  }

  #keep(bytes: Uint8Array): void {
    this.#kept.push(new Uint8Array(bytes));
    this.#keptBytes += bytes.length;
  }
}
