import type { Mutant } from "./mutant.ts";

export const clients: readonly Mutant[] = [
  {
    id: "31",
    mistake: "a retried write is made twice",
    edits: [
      {
        file: "src/kv/sessions.ts",
        from: "    if (remembered !== undefined) {\n      return remembered;\n    }",
        to: "",
      },
    ],
  },
  {
    id: "33",
    mistake: "reads are served from local state by whoever believes that it leads",
    edits: [
      {
        file: "src/replica/raft.ts",
        from: "    const { readId, authority } = this.#reads.add(signal);",
        to: '    if (this.#view.role === "leader") return { type: "verified", readIndex: this.#view.lastApplied };\n    const { readId, authority } = this.#reads.add(signal);',
      },
    ],
  },
  {
    id: "34",
    mistake: "a read is confirmed before an entry of the leader's own term is committed",
    edits: [
      {
        file: "src/raft/leader.ts",
        from: "  if (raft.commitIndex < leader.firstIndex) return;\n",
        to: "",
      },
    ],
  },
  {
    id: "35",
    mistake: "a read is confirmed by acknowledgements of what was sent before it",
    edits: [
      {
        file: "src/raft/read-index.ts",
        from: "if (this.#pending !== undefined && round >= this.#pending.number) this",
        to: "if (this.#pending !== undefined && round >= 0) this",
      },
    ],
  },
  {
    id: "36",
    mistake: "a read is answered before its index is applied",
    edits: [
      {
        file: "src/replica/reads.ts",
        from: "      if (readIndex > lastApplied) return true;",
        to: "      if (readIndex > lastApplied && lastApplied < 0) return true;",
      },
    ],
  },
  {
    id: "37",
    mistake: "a proposal that timed out is reported as failed",
    edits: [
      {
        file: "src/kvraft/clerk.ts",
        from: 'outcome: sent ? "unknown" : "none" };',
        to: 'outcome: sent && reply !== undefined ? "unknown" : "none" };',
      },
    ],
  },
  {
    id: "39",
    mistake: "reads are served before the log has been replayed",
    edits: [
      {
        file: "src/raft/leader.ts",
        from: "  if (!leader.reads.startRound(raft.commitIndex, raft.id)) return;",
        to: "  if (!leader.reads.startRound(raft.lastApplied, raft.id)) return;",
      },
    ],
  },
  {
    id: "40",
    mistake: "a reply is matched to the wrong request on a reused connection",
    edits: [
      {
        file: "src/rpc/outgoing-calls.ts",
        from: "if (answer.callId !== callId || !answers(request, answer.reply)) {",
        to: "if (!answers(request, answer.reply)) {",
      },
    ],
  },
  {
    id: "41",
    mistake: "messages of another cluster are accepted",
    edits: [
      {
        file: "src/rpc/answer.ts",
        from: "  if (call.clusterId !== addressee.clusterId) {",
        to: "  if (call.clusterId.length === 0) {",
      },
    ],
  },
];
