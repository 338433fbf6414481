import { ChunkReader } from "./chunks.ts";
import { compareKeys } from "./key.ts";
import { isPackedOutcome } from "./outcome.ts";
import { MAX_OWNER_BYTES, readOwner } from "./owner.ts";
import { RECORD_HEADER_BYTES } from "./page.ts";
import { RegistryDecoder } from "./registry-decoder.ts";
import type { Session } from "./sessions.ts";
import { HEADER_BYTES, magic, RESULT_BYTES, SESSION_BYTES, type SnapshotContents } from "./snapshot.ts";
import { ValueMap } from "./value-map.ts";

interface Header {
  readonly clockMs: number;
  readonly sessionCount: number;
  readonly valueCount: number;
  readonly entryCount: number;
  readonly eventCount: number;
}

/** Decodes a snapshot from chunks that were cut at arbitrary offsets. Each call does the work of one chunk. */
export class SnapshotDecoder {
  readonly #input = new ChunkReader();
  #header: Header | undefined;
  readonly #sessions = new Map<number, Session>();
  readonly #values = new ValueMap();
  readonly #registry = new RegistryDecoder();
  #lastUsedMs = 0;
  #lastKey: Uint8Array | undefined;

  /**
   * Decodes the next chunk, which may be reused afterwards.
   *
   * @throws Error if the bytes so far cannot be the start of a snapshot
   */
  push(chunk: Uint8Array): void {
    if (this.#input.push(chunk)) {
      while (this.#readRecord()) {
        this.#input.endRecord();
      }
      this.#input.keepRest();
    }
  }

  /** @throws Error if the snapshot is incomplete */
  finish(): SnapshotContents {
    if (this.#header === undefined || !this.#isWhole(this.#header)) {
      throw malformed("it ends too early");
    }
    const { clockMs } = this.#header;
    const { contents: registry } = this.#registry;
    return { clockMs, sessions: [...this.#sessions.values()], values: this.#values, registry };
  }

  /** Reads one record if it is complete. Returns whether it was. */
  #readRecord(): boolean {
    const header = this.#header;
    if (header === undefined) {
      return this.#readHeader();
    }
    if (this.#sessions.size < header.sessionCount) {
      return this.#readSession(header.clockMs);
    }
    if (this.#values.size < header.valueCount) {
      return this.#readValue();
    }
    if (this.#registry.entries < header.entryCount) {
      return this.#registry.readEntry(this.#input);
    }
    if (this.#registry.events < header.eventCount) {
      return this.#registry.readEvent(this.#input, header.clockMs);
    }
    if (this.#input.has(1)) {
      throw malformed("bytes follow its end");
    }
    return false;
  }

  #isWhole({ sessionCount, valueCount, entryCount, eventCount }: Header): boolean {
    return (
      this.#sessions.size === sessionCount &&
      this.#values.size === valueCount &&
      this.#registry.entries === entryCount &&
      this.#registry.events === eventCount
    );
  }

  #readHeader(): boolean {
    const input = this.#input;
    if (!input.has(HEADER_BYTES)) {
      return false;
    }
    const start = input.bytes(magic.length);
    const version = magic.length - 1;
    if (!magic.every((byte, i) => byte === start[i] || i === version)) {
      throw malformed("it is not one of this store");
    }
    if (start[version] !== magic[version]) {
      throw malformed(
        `it has format ${start[version]}, and this version reads only format ${magic[version]}`,
      );
    }
    this.#header = {
      clockMs: input.uint53("clockMs"),
      sessionCount: input.uint53("number of sessions"),
      valueCount: input.uint53("number of values"),
      entryCount: input.uint53("number of registry entries"),
      eventCount: input.uint53("number of registry events"),
    };
    return true;
  }

  #readSession(clockMs: number): boolean {
    const input = this.#input;
    if (!input.has(SESSION_BYTES)) {
      return false;
    }
    const id = input.uint53("session");
    const lastUsedMs = input.uint53("lastUsedMs");
    const lowestPending = input.uint53("lowestPending");
    const resultCount = input.uint53("number of results");
    const ownerBytes = input.uint32();
    if (ownerBytes > MAX_OWNER_BYTES) {
      throw malformed(`the owner of session ${id} has ${ownerBytes} bytes`);
    }
    if (!input.has(ownerBytes + resultCount * RESULT_BYTES)) {
      return false;
    }
    const owner = readOwner(input.bytes(ownerBytes), 0, ownerBytes);
    const results = new Map<number, number>();
    for (let i = 0; i < resultCount; i++) {
      results.set(input.uint53("sequence"), readOutcome(input));
    }
    if (this.#sessions.has(id) || results.size !== resultCount) {
      throw malformed(`duplicate session ${id}, or a duplicate result of it`);
    }
    if (lastUsedMs < this.#lastUsedMs || lastUsedMs > clockMs) {
      throw malformed(`session ${id} is not in the order of last use`);
    }
    this.#lastUsedMs = lastUsedMs;
    this.#sessions.set(id, { id, owner, lastUsedMs, lowestPending, results, generation: 0 });
    return true;
  }

  #readValue(): boolean {
    const input = this.#input;
    if (!input.has(RECORD_HEADER_BYTES)) {
      return false;
    }
    const revision = input.uint53("revision");
    const keyLength = input.uint32();
    const valueLength = input.uint32();
    if (!input.has(keyLength + valueLength)) {
      return false;
    }
    const key = input.bytes(keyLength).slice();
    const value = input.bytes(valueLength);
    if (this.#lastKey !== undefined && compareKeys(this.#lastKey, 0, this.#lastKey.length, key) >= 0) {
      throw malformed("its keys are not sorted");
    }
    this.#lastKey = key;
    this.#values.set(key, { value, revision });
    return true;
  }
}

function readOutcome(input: ChunkReader): number {
  const outcome = input.uint53("result");
  if (!isPackedOutcome(outcome)) throw malformed(`${outcome} is no result of a write`);
  return outcome;
}

function malformed(problem: string): Error {
  return new Error(`malformed snapshot: ${problem}`);
}
