/** A mistake that implementations of Raft have made, as an edit of this one at the very place where it belongs. */
export interface Mutant {
  /** Its number in docs/proof.md, with a letter where the mistake can be made in several ways. */
  readonly id: string;
  readonly mistake: string;
  readonly edits: readonly Edit[];
}

/** Applied to a copy of the project; refused where `from` is not found exactly once. */
export interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}
