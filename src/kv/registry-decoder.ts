import type { ChunkReader } from "./chunks.ts";
import { invariant } from "./invariant.ts";
import { decodeName } from "./registration.ts";
import { type RegistryContents, type RegistryEntry, type RegistryEvent, registryLimits } from "./registry.ts";
import { ENTRY_BYTES, EVENT_BYTES } from "./snapshot.ts";

/** Decodes the registry in a snapshot: its entries, then its events. Each call reads one record if it is complete. */
export class RegistryDecoder {
  readonly #entries: RegistryEntry[] = [];
  readonly #events: RegistryEvent[] = [];
  #lastName = "";

  /** The number of entries so far. */
  get entries(): number {
    return this.#entries.length;
  }

  /** The number of events so far. */
  get events(): number {
    return this.#events.length;
  }

  /** What was read so far. */
  get contents(): RegistryContents {
    return { entries: this.#entries, events: this.#events };
  }

  /** Returns whether the record was complete. @throws Error if it is malformed */
  readEntry(input: ChunkReader): boolean {
    if (!input.has(ENTRY_BYTES)) return false;
    const revision = input.uint53("revision");
    const nameBytes = input.uint32();
    const valueBytes = input.uint32();
    if (nameBytes > registryLimits.nameBytes || valueBytes > registryLimits.valueBytes) {
      throw malformed(`a registry entry of ${nameBytes} and ${valueBytes} bytes`);
    }
    if (!input.has(nameBytes + valueBytes)) return false;
    const name = decodeName(input.bytes(nameBytes));
    if (name <= this.#lastName) throw malformed("its registry's names are not sorted");
    this.#lastName = name;
    this.#entries.push({ name, value: input.bytes(valueBytes).slice(), revision });
    return true;
  }

  /** Returns whether the record was complete. @throws Error if it is malformed, or later than the snapshot's clock */
  readEvent(input: ChunkReader, clockMs: number): boolean {
    if (!input.has(EVENT_BYTES)) return false;
    const index = input.uint53("index");
    const timeMs = input.uint53("timeMs");
    const contentBytes = input.uint32();
    if (contentBytes < 1 || contentBytes > registryLimits.eventBytes) {
      throw malformed(`a registry event of ${contentBytes} bytes`);
    }
    if (!input.has(contentBytes)) return false;
    const last = this.#events.at(-1);
    if (timeMs > clockMs || (last !== undefined && (last.index >= index || last.timeMs > timeMs))) {
      throw malformed("its registry's events are not in the order of the log");
    }
    const content = input.bytes(contentBytes).slice();
    invariant(content.length === contentBytes, "an event is read whole");
    this.#events.push({ index, timeMs, content });
    return true;
  }
}

function malformed(problem: string): Error {
  return new Error(`malformed snapshot: ${problem}`);
}
