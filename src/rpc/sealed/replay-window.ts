import { invariant } from "../../raft/index.ts";

/** A message may come after this many later ones, and is still taken. */
export const WINDOW = 4096;

/** One word more than the window has, so that the bits of its oldest and of its newest message never share a word. */
const WORDS = WINDOW / 32 + 1;

/**
 * Which of a sender's messages have come: the newest number, and a bit for each of the numbers before it (RFC 6479). So a
 * message is taken once, though messages overtake each other.
 */
export class ReplayWindow {
  readonly #words = new Uint32Array(WORDS);
  #newest = 0;

  /** Whether a message has not come yet. One that is older than the window is refused, because nobody knows. */
  isNew(sequence: number): boolean {
    if (sequence > this.#newest) return true;
    if (sequence <= this.#newest - WINDOW) return false;
    const word = this.#words[wordOf(sequence) % WORDS] ?? 0;
    return (word & bitOf(sequence)) === 0;
  }

  /** Remembers a message that was new. */
  add(sequence: number): void {
    invariant(this.isNew(sequence), "a sealed message is taken once");
    if (sequence > this.#newest) {
      const [from, to] = [wordOf(this.#newest) + 1, wordOf(sequence)];
      for (let word = Math.max(from, to - WORDS + 1); word <= to; word++) this.#words[word % WORDS] = 0;
      this.#newest = sequence;
    }
    const at = wordOf(sequence) % WORDS;
    this.#words[at] = (this.#words[at] ?? 0) | bitOf(sequence);
  }
}

function wordOf(sequence: number): number {
  return Math.floor(sequence / 32);
}

function bitOf(sequence: number): number {
  return 1 << (sequence % 32);
}
