import type { Mutant } from "./mutant.ts";

/** Linearizable reads (thesis §6.4). */
export const reads: readonly Mutant[] = [
  {
    id: "33",
    name: "local-reads",
    mistake: "reads are served from local state by a replica that believes that it leads",
    why: "A deposed leader that doesn't know it yet returns values that were overwritten long ago.",
    caughtBy: ["P8"],
    edits: [
      {
        file: "src/replica/raft.ts",
        from: "    const { readId, authority } = this.#parts.reads.wait(signal);",
        to: '    if (this.getState().isLeader) return { type: "verified", readIndex: this.#core.lastApplied };\n    const { readId, authority } = this.#parts.reads.wait(signal);',
      },
    ],
  },
  {
    id: "34",
    name: "read-before-own-commit",
    mistake: "a read is confirmed before an entry of the leader's own term is committed",
    why: "A new leader doesn't know yet how much its predecessor had committed.",
    caughtBy: ["P8"],
    edits: [
      {
        file: "src/raft/roles/leader.ts",
        from: "  if (raft.commitIndex < leader.firstIndex) return;\n",
        to: "",
      },
    ],
  },
  {
    id: "35a",
    name: "read-confirmed-by-earlier-acknowledgement",
    mistake: "a read is confirmed by acknowledgements of what was sent before it",
    why: "They confirm an earlier leadership. Now another replica may lead and may have committed more.",
    caughtBy: ["P8"],
    edits: [
      {
        file: "src/raft/tracker/read-index.ts",
        from: "if (this.#pending !== undefined && round >= this.#pending.number) this",
        to: "if (this.#pending !== undefined && round >= 0) this",
      },
    ],
  },
  {
    id: "35b",
    name: "read-context-reused",
    mistake: "a read is confirmed by the acknowledgements of an earlier round",
    why: "A replica that was leader once serves reads for the rest of its term.",
    caughtBy: ["P8"],
    edits: [
      {
        file: "src/raft/tracker/read-index.ts",
        from: "      acknowledged: new Set([self]),",
        to: "      acknowledged: this.#acknowledged.add(self),",
      },
      {
        file: "src/raft/tracker/read-index.ts",
        from: "  #pending: Round | undefined;",
        to: "  #pending: Round | undefined;\n  readonly #acknowledged = new Set<ReplicaId>();",
      },
    ],
  },
  {
    id: "36",
    name: "read-before-applied",
    mistake: "a read is answered before its index is applied",
    why: "It returns a state without acknowledged writes.",
    caughtBy: ["P8"],
    edits: [
      {
        file: "src/replica/reads.ts",
        from: "      if (first === undefined || first.readIndex > lastApplied) return;\n",
        to: "      if (first === undefined) return;\n",
      },
    ],
  },
  {
    id: "39",
    name: "read-before-replay",
    mistake: "reads are served before the log has been replayed",
    why: "A leader that has just started returns the state of its snapshot.",
    caughtBy: ["P8"],
    edits: [
      {
        file: "src/raft/roles/leader.ts",
        from: "  if (!leader.reads.startRound(raft.commitIndex, raft.id)) return;",
        to: "  if (!leader.reads.startRound(raft.lastApplied, raft.id)) return;",
      },
    ],
  },
];
