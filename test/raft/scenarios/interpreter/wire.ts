import type { ReplicaId } from "../../../../src/raft/index.ts";
import { type Letter, type Selection, select } from "./letters.ts";

/** The messages under way, in the order in which they were sent, and the links that are cut. */
export class Wire {
  #letters: Letter[] = [];
  readonly #aside = new Map<string, Letter[]>();
  readonly #cut = new Set<string>();

  get letters(): readonly Letter[] {
    return this.#letters;
  }

  send(letter: Letter): void {
    this.#letters.push(letter);
  }

  /** Takes letters off the wire. */
  take(selection: Selection): Letter[] {
    const taken = select(this.#letters, selection);
    this.#letters = this.#letters.filter((letter) => !taken.includes(letter));
    return taken;
  }

  takeOne(letter: Letter): void {
    this.#letters = this.#letters.filter((other) => other !== letter);
  }

  setAside(label: string, letters: readonly Letter[]): void {
    this.#aside.set(label, [...letters]);
  }

  takeAside(label: string): Letter[] {
    const letters = this.#aside.get(label);
    if (letters === undefined) {
      throw new RangeError(`nothing was set aside as ${label}, only ${[...this.#aside.keys()].join(", ")}`);
    }
    this.#aside.delete(label);
    return letters;
  }

  cut(from: ReplicaId, to: ReplicaId): void {
    this.#cut.add(`${from} ${to}`);
  }

  heal(): void {
    this.#cut.clear();
  }

  isCut({ from, to }: Letter): boolean {
    return this.#cut.has(`${from} ${to}`);
  }
}
