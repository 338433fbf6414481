import { textOf } from "./intern.ts";
import type { LocalState } from "./local-states.ts";
import { ExplorationViolation } from "./violation.ts";

const MAX_STATES = 2 ** 26;

/** Entries of the same index and term are equal, as are all entries before them (§5.3). Compares each pair once. */
export class LogMatching {
  readonly #known = new Map<number, boolean>();

  /** @returns the rule that a replica's log breaks compared with others, if any */
  check(local: LocalState, replicas: readonly LocalState[]): ExplorationViolation | undefined {
    for (const other of replicas) {
      if (other === local || this.#match(local, other)) continue;
      return new ExplorationViolation(
        "entries of the same index and term are equal, and so are those before (§5.3)",
      );
    }
    return undefined;
  }

  #match(a: LocalState, b: LocalState): boolean {
    if (a.log.length === 0 || b.log.length === 0) return true;
    const key = Math.min(a.logNumber, b.logNumber) * MAX_STATES + Math.max(a.logNumber, b.logNumber);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const match = logsMatch(a.log, b.log);
    this.#known.set(key, match);
    return match;
  }
}

function logsMatch(a: LocalState["log"], b: LocalState["log"]): boolean {
  let at = Math.min(a.length, b.length) - 1;
  while (at >= 0 && a[at]?.term !== b[at]?.term) at--;
  for (; at >= 0; at--) if (textOf(a[at]) !== textOf(b[at])) return false;
  return true;
}
