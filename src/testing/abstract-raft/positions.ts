import type { LogPosition } from "../../raft/index.ts";

/** A log as a list of terms. Entries before `start` are gone; only the position before it is known. */
export class Positions {
  #start: LogPosition;
  readonly #terms: number[];

  constructor(start: LogPosition, terms: readonly number[]) {
    this.#start = start;
    this.#terms = [...terms];
  }

  get lastIndex(): number {
    return this.#start.index + this.#terms.length;
  }

  get lastTerm(): number {
    return this.#terms.at(-1) ?? this.#start.term;
  }

  /** Returns undefined before the start and after the end. */
  termAt(index: number): number | undefined {
    return index === this.#start.index ? this.#start.term : this.#terms[index - this.#start.index - 1];
  }

  append(term: number): void {
    this.#terms.push(term);
  }

  /** Removes every entry after `index`. */
  cutAfter(index: number): void {
    this.#terms.length = Math.min(this.#terms.length, Math.max(0, index - this.#start.index));
  }

  /**
   * §7: a snapshot replaces all entries that it covers, and all later ones if it contradicts the entry at its index.
   */
  replaceBy(snapshot: LogPosition): void {
    const kept = this.termAt(snapshot.index) === snapshot.term;
    this.#terms.splice(0, kept ? snapshot.index - this.#start.index : this.#terms.length);
    this.#start = snapshot;
  }

  replacedBy(snapshot: LogPosition): Positions {
    const copy = new Positions(this.#start, this.#terms);
    copy.replaceBy(snapshot);
    return copy;
  }

  equals(other: Positions): boolean {
    return (
      this.#start.index === other.#start.index &&
      this.#terms.length === other.#terms.length &&
      this.#terms.every((term, at) => term === other.#terms[at])
    );
  }
}
