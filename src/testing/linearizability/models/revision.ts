/**
 * A value and what is known of its revision. A write of unknown outcome that took effect has a revision that nobody was
 * told; it is above the one before it, and later outputs tell more.
 */
export interface Versioned {
  /** Undefined before the first write; null for any value that no get saw. */
  readonly value: string | null | undefined;
  /** The revision if it is certain, else the lowest that it can be. */
  readonly revision: number;
  readonly isCertain: boolean;
  /** Revisions above the lowest that it can't be, rising. */
  readonly ruledOut: readonly number[];
}

export const unwritten: Versioned = { value: undefined, revision: 0, isCertain: true, ruledOut: [] };

/** The same, once an output has told the revision; undefined if it can't be this one. */
export function pin(state: Versioned, revision: number): Versioned | undefined {
  if (state.isCertain) return state.revision === revision ? state : undefined;
  if (revision < state.revision || state.ruledOut.includes(revision)) return undefined;
  return { value: state.value, revision, isCertain: true, ruledOut: [] };
}

/** The same, once an output has told that this is not the revision; undefined if it is for certain. */
export function ruleOut(state: Versioned, revision: number): Versioned | undefined {
  if (state.isCertain) return state.revision === revision ? undefined : state;
  if (revision < state.revision || state.ruledOut.includes(revision)) return state;
  let lowest = state.revision;
  const all = [...state.ruledOut, revision].sort((a, b) => a - b);
  while (all.includes(lowest)) lowest++;
  return { ...state, revision: lowest, ruledOut: all.filter((other) => other > lowest) };
}

/**
 * The state after a write.
 *
 * @param revision undefined if nobody was told
 * @returns undefined if a write can't have this revision after this state, or could not show
 */
export function write(
  state: Versioned,
  value: string | null,
  revision: number | undefined,
): Versioned | undefined {
  if (revision === undefined) {
    // Nothing sees it, and its revision is only later than one that could be had without it.
    if (value === null && !state.isCertain && state.ruledOut.length === 0) return undefined;
    return { value, revision: state.revision + 1, isCertain: false, ruledOut: [] };
  }
  return revision > state.revision ? { value, revision, isCertain: true, ruledOut: [] } : undefined;
}
