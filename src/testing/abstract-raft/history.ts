import type { LogEntry, LogPosition, ReplicaId } from "../../raft/index.ts";

interface Made {
  readonly entry: LogEntry;
  readonly prevTerm: number;
}

/**
 * Everything that ever happened in the cluster. It only grows: the network may lose, repeat and reorder messages, so
 * all that counts is that a message was sent once.
 */
export class History {
  /** The leader of each term (§5.2). */
  readonly leaders: Map<number, ReplicaId> = new Map();
  /** The term of each committed entry, by its index. */
  readonly #committed: number[] = [0];
  /** The term of the leader that committed it. */
  readonly #committedIn: number[] = [0];
  readonly #made = new Map<number, Made>();
  /** Each message with the number of its last transmission. */
  readonly #sent = new Map<string, number>();
  #sendings = 0;

  get committedIndex(): number {
    return this.#committed.length - 1;
  }

  committedTerm(index: number): number | undefined {
    return this.#committed[index];
  }

  /** Returns the last index committed in a term before this one. */
  committedBefore(term: number): number {
    return this.#committedIn.findLastIndex((committedIn) => committedIn < term);
  }

  /**
   * @param inTerm the current term of the replica that commits
   * @returns false if another entry is committed at the index
   */
  commit({ index, term }: LogPosition, inTerm: number): boolean {
    if (index === this.#committed.length) {
      this.#committed.push(term);
      this.#committedIn.push(inTerm);
    }
    return this.#committed[index] === term;
  }

  /** A leader created an entry. */
  made(entry: LogEntry, prevTerm: number): void {
    this.#made.set(keyOf(entry), { entry, prevTerm });
  }

  /** Returns whether all entries were created with these predecessors. The first one follows an entry of `prevTerm`. */
  chain(entries: readonly LogEntry[], prevTerm: number | undefined): boolean {
    let before = prevTerm;
    for (const entry of entries) {
      const made = this.#made.get(keyOf(entry));
      if (made === undefined || !isSame(made.entry, entry)) return false;
      if (before !== undefined && made.prevTerm !== before) return false;
      before = entry.term;
    }
    return true;
  }

  get sendings(): number {
    return this.#sendings;
  }

  send(message: string): void {
    this.#sent.set(message, ++this.#sendings);
  }

  /** Returns the number of a message's last transmission, 0 if it was never sent. */
  sending(message: string): number {
    return this.#sent.get(message) ?? 0;
  }
}

/** A safe integer for all terms below 2^21 and indices below 2^32. */
function keyOf({ index, term }: LogPosition): number {
  return term * 2 ** 32 + index;
}

function isSame(a: LogEntry, b: LogEntry): boolean {
  if (a === b) return true;
  return (
    a.type === b.type && a.data.length === b.data.length && a.data.every((byte, at) => byte === b.data[at])
  );
}
