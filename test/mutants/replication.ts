import type { Mutant } from "./mutant.ts";

export const replication: readonly Mutant[] = [
  {
    id: "10",
    mistake: "a follower commits up to the end of its own log",
    edits: [
      {
        file: "src/raft/follower.ts",
        from: "advanceCommit(raft, Math.min(request.leaderCommit, lastNew));",
        to: "advanceCommit(raft, Math.min(request.leaderCommit, log.lastIndex));",
      },
    ],
  },
  {
    id: "11",
    mistake: "an entry of an older term is committed by counting its copies",
    edits: [
      {
        file: "src/raft/leader.ts",
        from: "if (agreed <= raft.commitIndex || log.termAt(agreed) !== raft.currentTerm) return;",
        to: "if (agreed <= raft.commitIndex) return;",
      },
    ],
  },
  {
    id: "12",
    mistake: "the log is truncated without a conflict",
    edits: [
      {
        file: "src/raft/follower.ts",
        from: "if (entry.index <= log.snapshotIndex || log.termAt(entry.index) === entry.term) continue;",
        to: "if (entry.index <= raft.commitIndex) continue;",
      },
    ],
  },
  {
    id: "13",
    mistake: "the stale tail behind a conflict is kept",
    edits: [
      {
        file: "src/raft/log.ts",
        from: "    this.#entries.length = index - this.firstIndex;\n",
        to: "    this.#entries.splice(index - this.firstIndex, 1);\n",
      },
    ],
  },
  {
    id: "14",
    mistake: "prevLogTerm is not compared",
    edits: [
      {
        file: "src/raft/follower.ts",
        from: "log.termAt(prevLogIndex) === prevLogTerm;",
        to: "log.termAt(prevLogIndex) !== undefined;",
      },
    ],
  },
  {
    id: "15a",
    mistake: "matchIndex is taken from the end of the leader's log",
    edits: [
      {
        file: "src/raft/leader.ts",
        from: "progress.matched(request.prevLogIndex + request.entries.length);",
        to: "progress.matched(raft.log.lastIndex);",
      },
    ],
  },
  {
    id: "15b",
    mistake: "matchIndex falls when replies overtake each other",
    edits: [
      {
        file: "src/raft/progress.ts",
        from: "this.matchIndex = Math.max(this.matchIndex, index);",
        to: "this.matchIndex = index;",
      },
    ],
  },
  {
    id: "16",
    mistake: "replies to requests of an earlier leadership are accepted",
    edits: [
      {
        file: "src/raft/core.ts",
        from: '    if (raft.role.type !== "leader" || request.term !== raft.currentTerm) return;\n    if (request.type === "appendEntries" && reply',
        to: '    if (raft.role.type !== "leader") return;\n    if (request.type === "appendEntries" && reply',
      },
    ],
  },
  {
    id: "17",
    mistake: "a follower acknowledges before its sync",
    edits: [
      {
        file: "src/raft/follower.ts",
        from: '    { type: "appendEntries", term: raft.currentTerm, round, success: true },\n    lastNew,',
        to: '    { type: "appendEntries", term: raft.currentTerm, round, success: true },\n    0,',
      },
    ],
  },
  {
    id: "18",
    mistake: "a leader counts itself before its own sync",
    edits: [
      {
        file: "src/raft/leader.ts",
        from: "if (progress === undefined) return durability.durableIndex;",
        to: "if (progress === undefined) return log.lastIndex + 0 * durability.durableIndex;",
      },
    ],
  },
  {
    id: "19",
    mistake: "a completed write is matched by index alone",
    edits: [
      {
        file: "src/raft/durability.ts",
        from: "if (last !== undefined && log.termAt(last.index) === last.term) {",
        to: "if (last !== undefined && log.termAt(last.index) !== undefined) {",
      },
    ],
  },
  {
    id: "20",
    mistake: "prevLogIndex 0 always matches, even after compaction",
    edits: [
      {
        file: "src/raft/log.ts",
        from: "return index === this.#prev.index ?",
        to: "if (index === 0) return 0;\n    return index === this.#prev.index ?",
      },
    ],
  },
  {
    id: "32",
    mistake: "a waiter is known by its index, whatever the term",
    edits: [
      {
        file: "src/replica/proposals.ts",
        from: '      if (waiter.term < term) this.#settle(index, { type: "lost" });',
        to: '      if (waiter.term < 0) this.#settle(index, { type: "lost" });',
      },
    ],
  },
];
