import type { StateMachine } from "ruaft";

/** Adds to the counter of a name; adding 0 reads it. */
export interface Add {
  readonly name: string;
  readonly amount: number;
}

export interface CountersOptions {
  /**
   * The planted bug: a snapshot is written from the live counters while commands are still applied. So it contains
   * commands after its last entry, and a replica that starts from it counts them twice.
   */
  readonly snapshotsLive?: boolean;
}

/** Counters by name, replicated by Raft. Each command answers with the count it leads to. */
export class Counters implements StateMachine<number> {
  readonly #snapshotsLive: boolean;
  #counts = new Map<string, number>();

  constructor({ snapshotsLive = false }: CountersOptions = {}) {
    this.#snapshotsLive = snapshotsLive;
  }

  apply(command: Uint8Array): number {
    const { name, amount }: Add = JSON.parse(new TextDecoder().decode(command));
    const count = (this.#counts.get(name) ?? 0) + amount;
    this.#counts.set(name, count);
    return count;
  }

  /** The state as of now; the chunks are made later, when they are asked for. */
  snapshot(): Iterable<Uint8Array> {
    return chunksOf(this.#snapshotsLive ? this.#counts : new Map(this.#counts));
  }

  async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let text = "";
    for await (const chunk of chunks) text += decoder.decode(chunk, { stream: true });
    this.#counts = new Map(
      text
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
    );
  }
}

function* chunksOf(counts: ReadonlyMap<string, number>): Generator<Uint8Array> {
  for (const name of [...counts.keys()].sort()) {
    yield new TextEncoder().encode(`${JSON.stringify([name, counts.get(name)])}\n`);
  }
}

export function encode(add: Add): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(add));
}
