import type { TracedInput } from "../../../ports/index.ts";
import type { RaftView } from "../../../raft/index.ts";

/** An input that a replica's core has taken in. */
export interface Step {
  readonly input: TracedInput;
  /** The replica before the step. Undefined if it has only just started. */
  readonly before: RaftView | undefined;
  /** The replica after the step. */
  readonly view: RaftView;
  /** The time of the replica's clock, in ms. */
  readonly nowMs: number;
}
