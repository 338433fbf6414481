// Not "cbor-x": that loads a native addon if one is installed, which crashes Bun and Deno.
import { Decoder } from "cbor-x/decode";
import { Encoder } from "cbor-x/encode";
import { crc32 } from "./outline.ts";
import { RECORD_VERSION, type RecordItem } from "./record-item.ts";

/*
 * A record is a sequence of items, each with a head of 12 bytes:
 *
 *   u32  length of the item in bytes, big-endian
 *   u32  CRC32 of these four bytes
 *   u32  CRC32 of the item
 *   item in CBOR
 */
const HEAD_BYTES = 12;

const options = { useRecords: false, tagUint8Array: false } as const;
const encoder = new Encoder(options);
const decoder = new Decoder(options);

/** The record is damaged, or of another format. */
export class DamagedRecord extends Error {
  override readonly name = "DamagedRecord";
}

export function encodeItem(item: RecordItem): Uint8Array {
  const encoded = encoder.encode(item);
  const bytes = new Uint8Array(HEAD_BYTES + encoded.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, encoded.length);
  view.setUint32(4, crc32(bytes.subarray(0, 4)));
  view.setUint32(8, crc32(encoded));
  bytes.set(encoded, HEAD_BYTES);
  return bytes;
}

/**
 * Reads a record in pieces of any size.
 *
 * @example
 * ```ts
 * import { Raft, replicaId } from "ruaft";
 * import { memoryPersister } from "ruaft/adapters/memory";
 * import { Recorder, RecordReader } from "ruaft/record";
 * import { LoopbackNetwork } from "ruaft/transports/loopback";
 *
 * const clusterId = "example";
 * const id = replicaId("n1");
 * const transport = new LoopbackNetwork({ clusterId }).transport(id);
 * const persister = memoryPersister({ clusterId, replicaId: id });
 * const stateMachine = { apply: () => undefined, snapshot: () => [], restore: async () => {} };
 *
 * const pieces: Uint8Array[] = [];
 * const tracer = new Recorder((bytes) => pieces.push(bytes));
 * const raft = await Raft.start({ id, voters: [id], transport, persister, stateMachine, tracer });
 * for await (const { role } of raft.changes()) if (role === "leader") break;
 * await raft.kill();
 *
 * const reader = new RecordReader();
 * const types = pieces.flatMap((bytes) => [...reader.push(bytes)].map(({ type }) => type));
 * console.log(types[0], reader.incompleteBytes); // started 0
 * ```
 */
export class RecordReader {
  #rest = new Uint8Array();
  /** Position of `#rest` in the record, in bytes. */
  #offset = 0;

  /**
   * Returns the items that are complete with these bytes.
   *
   * @param bytes the next piece of the record, of any length
   * @throws DamagedRecord if a checksum or the format does not match
   */
  *push(bytes: Uint8Array): Generator<RecordItem> {
    const all = new Uint8Array(this.#rest.length + bytes.length);
    all.set(this.#rest);
    all.set(bytes, this.#rest.length);
    const view = new DataView(all.buffer);
    let start = 0;
    while (all.length - start >= HEAD_BYTES) {
      if (view.getUint32(start + 4) !== crc32(all.subarray(start, start + 4))) throw this.#damaged(start);
      const end = start + HEAD_BYTES + view.getUint32(start);
      if (end > all.length) break;
      const item = all.slice(start + HEAD_BYTES, end);
      if (view.getUint32(start + 8) !== crc32(item)) throw this.#damaged(start);
      yield this.#decoded(item);
      start = end;
    }
    this.#rest = all.slice(start);
    this.#offset += start;
  }

  /** Number of bytes of an incomplete item at the end. Not 0 if the process ended during its write. */
  get incompleteBytes(): number {
    return this.#rest.length;
  }

  #decoded(bytes: Uint8Array): RecordItem {
    const item = decoder.decode(bytes) as RecordItem;
    if (item.type === "started" && item.version !== RECORD_VERSION) {
      throw new DamagedRecord(
        `the record has format ${item.version}; this release reads format ${RECORD_VERSION}`,
      );
    }
    return item;
  }

  #damaged(start: number): DamagedRecord {
    return new DamagedRecord(
      `the item at byte ${this.#offset + start} does not match its checksum: damaged, or not a record`,
    );
  }
}
