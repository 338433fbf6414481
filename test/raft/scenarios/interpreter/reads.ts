import type { ReadOutcome } from "../../../../src/raft/index.ts";

export type ReadState = "waits" | "refused" | { readonly readIndex: number };

/** The reads of clients, by their names in the scenario. */
export class Reads {
  readonly #names: string[] = [];
  readonly #states = new Map<string, ReadState>();

  /** @returns the id of the read for the core */
  start(name: string): number {
    if (this.#states.has(name)) throw new RangeError(`read ${name} exists already`);
    this.#names.push(name);
    this.#states.set(name, "waits");
    return this.#names.length - 1;
  }

  ended({ readId, readIndex }: ReadOutcome): string {
    const name = this.#names[readId] ?? "";
    this.#states.set(name, readIndex === undefined ? "refused" : { readIndex });
    return readIndex === undefined
      ? `refuses read ${name}`
      : `answers read ${name} from its state at ${readIndex}`;
  }

  state(name: string): ReadState {
    const state = this.#states.get(name);
    if (state === undefined) throw new RangeError(`no read ${name}, only ${this.#names.join(", ")}`);
    return state;
  }
}
