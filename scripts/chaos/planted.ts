import { type Edit, mutants } from "../mutants/list/index.ts";
import type { FaultKind } from "./nemeses/index.ts";
import type { ToolName } from "./tools.ts";
import type { FindingKind } from "./verdict/index.ts";

/** A bug planted in a copy of the sources, to check that it is found. */
export interface Planted {
  readonly name: string;
  readonly mistake: string;
  readonly edits: readonly Edit[];
  /** The faults that expose it. */
  readonly faults: readonly FaultKind[];
  /** The tool without which it cannot show. */
  readonly needs?: ToolName;
  /** Any of these is sufficient. */
  readonly caughtAs: readonly FindingKind[];
}

/** Unless each of these is found, a campaign without findings means nothing. */
export const planted: readonly Planted[] = [
  {
    name: "no-sync",
    needs: "fuse",
    mistake: "what is added to the log is not synced",
    edits: [
      {
        file: "adapters/file/segmented-log.ts",
        from: "    await this.#file?.writeDurably(",
        to: "    await this.#file?.writeAt(",
      },
    ],
    faults: ["power-all", "power-majority"],
    // A replica refuses to read what survived in part.
    caughtAs: ["lost", "stale", "illegal", "exit"],
  },
  {
    name: "retry-applied-twice",
    mistake: "a write that is sent twice takes effect twice",
    edits: editsOf("31"),
    faults: ["pause-leader", "cut-leader"],
    caughtAs: ["double", "illegal"],
  },
  {
    name: "uncertain-told-as-none",
    mistake: "a write that may have taken effect is answered as if it had none",
    edits: editsOf("37"),
    // Sent after 5 s, and executed once the majority continues.
    faults: ["pause-majority"],
    caughtAs: ["ghost"],
  },
  {
    name: "reply-before-majority",
    mistake: "a write is answered once one replica has it",
    edits: [
      {
        file: "src/raft/membership/quorum.ts",
        from: "descending[majorityOf(indices.length) - 1]",
        to: "descending[0]",
      },
    ],
    faults: ["cut-leader"],
    caughtAs: ["lost", "stale", "illegal"],
  },
];

function editsOf(id: string): readonly Edit[] {
  const mutant = mutants.find((candidate) => candidate.id === id);
  if (mutant === undefined) throw new RangeError(`id: of a mutant, not ${id}`);
  return mutant.edits;
}
