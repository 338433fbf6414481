/**
 * A value and what is known of its revision. A write of unknown outcome has an unknown revision, which is above the
 * previous one; later outputs narrow it down.
 */
export interface Versioned {
  /** Undefined before the first write, null for any value that no get returned. */
  readonly value: string | null | undefined;
  /** The revision if it is certain, otherwise the lowest possible one. */
  readonly revision: number;
  readonly isCertain: boolean;
  /** Impossible revisions above the lowest possible one, ascending. */
  readonly ruledOut: readonly number[];
}

export const unwritten: Versioned = { value: undefined, revision: 0, isCertain: true, ruledOut: [] };

/** Returns the state after an output showed the revision, or undefined if it cannot be this one. */
export function pin(state: Versioned, revision: number): Versioned | undefined {
  if (state.isCertain) return state.revision === revision ? state : undefined;
  if (revision < state.revision || state.ruledOut.includes(revision)) return undefined;
  return { value: state.value, revision, isCertain: true, ruledOut: [] };
}

/** Returns the state after an output showed that this is not the revision, or undefined if it certainly is. */
export function ruleOut(state: Versioned, revision: number): Versioned | undefined {
  if (state.isCertain) return state.revision === revision ? undefined : state;
  if (revision < state.revision || state.ruledOut.includes(revision)) return state;
  let lowest = state.revision;
  const all = [...state.ruledOut, revision].sort((a, b) => a - b);
  while (all.includes(lowest)) lowest++;
  return { ...state, revision: lowest, ruledOut: all.filter((other) => other > lowest) };
}

/**
 * Returns the state after a write.
 *
 * @param revision undefined if unknown
 * @returns undefined if the write cannot have this revision here, or could not be observed
 */
export function write(
  state: Versioned,
  value: string | null,
  revision: number | undefined,
): Versioned | undefined {
  if (revision === undefined) {
    // No output depends on it, and its revision is only later than one possible without it.
    if (value === null && !state.isCertain && state.ruledOut.length === 0) return undefined;
    return { value, revision: state.revision + 1, isCertain: false, ruledOut: [] };
  }
  return revision > state.revision ? { value, revision, isCertain: true, ruledOut: [] } : undefined;
}
