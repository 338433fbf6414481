import { invariant } from "./invariant.ts";
import { readUint53, UINT53_BYTES, writeUint53 } from "./uint53.ts";

/** Target size of a chunk, in bytes. A record larger than this gets its own chunk. */
const CHUNK_BYTES = 64 * 1024;

/** Packs whole records into chunks. */
export class ChunkWriter {
  #bytes = new Uint8Array(CHUNK_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #offset = 0;

  fits(byteLength: number): boolean {
    return this.#offset + byteLength <= this.#bytes.length;
  }

  /** Returns a view of the current chunk's bytes. */
  written(): Uint8Array {
    return this.#bytes.subarray(0, this.#offset);
  }

  /** Starts a chunk with space for at least `byteLength` bytes. Returns the bytes of the previous chunk. */
  startNext(byteLength: number): Uint8Array {
    invariant(!this.fits(byteLength), "a chunk ends when the next record has no space in it");
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

  uint32(value: number): void {
    invariant(value >= 0 && value < 2 ** 32, "a length in a snapshot takes 32 bits");
    this.#view.setUint32(this.#offset, value);
    this.#offset += 4;
  }

  bytes(bytes: Uint8Array): void {
    invariant(this.fits(bytes.length), "a record is written into a chunk that has space for it");
    this.#bytes.set(bytes, this.#offset);
    this.#offset += bytes.length;
  }
}

/**
 * Reads records from chunks that were cut at arbitrary offsets. An incomplete record is read again when more bytes
 * arrive.
 */
export class ChunkReader {
  #bytes = new Uint8Array();
  #view = new DataView(this.#bytes.buffer);
  #offset = 0;
  #recordStart = 0;
  /** The bytes of the incomplete record, as received. */
  #kept: Uint8Array[] = [];
  #keptBytes = 0;
  /**
   * Minimum length of the incomplete record, in bytes. Parsing is not tried with fewer bytes: with small chunks that
   * would take quadratic time.
   */
  #neededBytes = 0;

  /** Adds a chunk, which may be reused afterwards. Returns whether a record may be complete now. */
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

  /** Returns whether `byteLength` more bytes are available. If not, the record must wait for the next chunk. */
  has(byteLength: number): boolean {
    const end = this.#offset + byteLength;
    this.#neededBytes = end - this.#recordStart;
    return end <= this.#bytes.length;
  }

  /** Ends a record: its bytes are not read again. */
  endRecord(): void {
    invariant(this.#offset <= this.#bytes.length, "a record ends within the bytes received");
    this.#recordStart = this.#offset;
  }

  /** Keeps the bytes after the last whole record for the next push. */
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

  /** Returns a view that is valid until the next push. */
  bytes(byteLength: number): Uint8Array {
    const start = this.#offset;
    this.#offset += byteLength;
    invariant(this.#offset <= this.#bytes.length, "only bytes that were received are read");
    return this.#bytes.subarray(start, this.#offset);
  }

  #keep(bytes: Uint8Array): void {
    this.#kept.push(new Uint8Array(bytes));
    this.#keptBytes += bytes.length;
  }
}
