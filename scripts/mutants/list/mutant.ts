import type { Property } from "../../../src/testing/simulator/index.ts";

/** A mistake that implementations of Raft have made, as an edit of this code. */
export interface Mutant {
  /** Its number in the list of mistakes, with a letter if the mistake has several forms. */
  readonly id: string;
  /** In short, with dashes. */
  readonly name: string;
  readonly mistake: string;
  /** The consequence for users. */
  readonly why: string;
  /**
   * The check that should find it first. It counts as caught by any check, unless this is `bug` alone: an assertion must
   * find such a mutant before anything else notices.
   */
  readonly caughtBy: readonly Property[];
  /** The test that finds a mistake which the simulator needs thousands of seeds for. Such a mutant has no pinned seed. */
  readonly rare?: `test/${string}.test.ts`;
  /** One, or several if the mistake needs them all. */
  readonly edits: readonly Edit[];
}

/** Applied to a copy of the project. Rejected unless `from` occurs exactly once. */
export interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** The number of a mutant in the list of mistakes, without its letter. */
export function numberOf({ id }: Pick<Mutant, "id">): number {
  return Number.parseInt(id, 10);
}

/** Whether only an assertion counts as finding a mutant. */
export function needsAssertion({ caughtBy }: Pick<Mutant, "caughtBy">): boolean {
  return caughtBy.join() === "bug";
}
