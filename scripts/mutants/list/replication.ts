import type { Mutant } from "./mutant.ts";

/** Both sides of AppendEntries, and the commit. */
export const replication: readonly Mutant[] = [
  {
    id: "10",
    name: "commits-to-own-end",
    mistake: "a follower commits up to the end of its own log",
    why: "Entries after the last new entry may differ from the leader's log, and are applied.",
    caughtBy: ["rule", "P4"],
    edits: [
      {
        file: "src/raft/roles/follower.ts",
        from: "commitFromLeader(raft, Math.min(request.leaderCommit, lastNew));",
        to: "commitFromLeader(raft, Math.min(request.leaderCommit, log.lastIndex));",
      },
    ],
  },
  {
    id: "11",
    name: "old-term-committed-by-counting",
    mistake: "an entry of an older term is committed by counting its copies",
    why: "Figure 8: a majority has the entry, but a later leader without it can be elected.",
    caughtBy: ["rule"],
    edits: [
      {
        file: "src/raft/roles/leader.ts",
        from: "if (agreed <= raft.commitIndex || log.termAt(agreed) !== raft.currentTerm) return;",
        to: "if (agreed <= raft.commitIndex) return;",
      },
    ],
  },
  {
    id: "12",
    name: "truncated-without-conflict",
    mistake: "the log is truncated without a conflict",
    why: "A late AppendEntries removes entries that were acknowledged since.",
    caughtBy: ["P7", "liveness", "rule"],
    edits: [
      {
        file: "src/raft/roles/follower.ts",
        from: "if (entry.index <= log.snapshotIndex || log.termAt(entry.index) === entry.term) continue;",
        to: "if (entry.index <= raft.commitIndex) continue;",
      },
    ],
  },
  {
    id: "13",
    name: "stale-tail-kept",
    mistake: "the stale tail behind a conflict is kept",
    why: "Entries of a deposed leader follow those of the new one, as if the new one had written them.",
    caughtBy: ["P2", "P6", "rule"],
    // The log itself asserts that entries follow the last one: it takes a second place to get around that.
    edits: [
      {
        file: "src/raft/roles/follower.ts",
        from: "      log.truncateFrom(entry.index);\n      durability.truncated(entry.index);\n",
        to: "      durability.truncated(entry.index);\n      log.replace(entry);\n      continue;\n",
      },
      {
        file: "src/raft/log/log.ts",
        from: "  /** Drops every entry from `index` on. */",
        to: "  replace(entry: LogEntry): void {\n    this.#entries[entry.index - this.firstIndex] = entry;\n  }\n\n  /** Drops every entry from `index` on. */",
      },
    ],
  },
  {
    id: "14",
    name: "prev-log-term-not-compared",
    mistake: "prevLogTerm is not compared",
    why: "Entries are appended after entries that differ.",
    caughtBy: ["P6", "P2"],
    edits: [
      {
        file: "src/raft/roles/follower.ts",
        from: "log.termAt(prevLogIndex) === prevLogTerm;",
        to: "log.termAt(prevLogIndex) !== undefined;",
      },
    ],
  },
  {
    id: "15a",
    name: "match-index-too-high",
    mistake: "matchIndex is what was sent last, not what the reply is about",
    why: "The reply to the first of several messages counts for all of them: an entry is committed that only one replica has.",
    caughtBy: ["rule", "P7"],
    edits: [
      {
        file: "src/raft/roles/leader.ts",
        from: "progress.matched(index);",
        to: "progress.matched(progress.nextIndex - 1);",
      },
    ],
  },
  {
    id: "15b",
    name: "match-index-falls",
    mistake: "matchIndex falls when replies overtake each other",
    why: "Durable entries are forgotten, and sent again.",
    caughtBy: ["bug", "rule"],
    edits: [
      {
        file: "src/raft/tracker/progress.ts",
        from: "this.matchIndex = Math.max(this.matchIndex, index);",
        to: "this.matchIndex = index;",
      },
    ],
  },
  {
    id: "16",
    name: "reply-of-earlier-leadership",
    mistake: "replies to requests of an earlier leadership are accepted",
    why: "They concern another log and other rounds: a read is confirmed by a message sent long before it.",
    caughtBy: ["rule"],
    edits: [
      {
        file: "src/raft/core.ts",
        from: '    if (raft.role.type !== "leader" || request.term !== raft.currentTerm) return;\n    if (request.type === "appendEntries" && reply',
        to: '    if (raft.role.type !== "leader") return;\n    if (request.type === "appendEntries" && reply',
      },
    ],
  },
  {
    id: "20",
    name: "zero-always-matches",
    mistake: "prevLogIndex 0 always matches, even after compaction",
    why: "A leader sends an empty follower its log, which no longer starts at 1, instead of its snapshot.",
    caughtBy: ["bug", "liveness"],
    edits: [
      {
        file: "src/raft/log/log.ts",
        from: "    return index === this.#prev.index ? this.#prev.term",
        to: "    if (index === 0) return 0;\n    return index === this.#prev.index ? this.#prev.term",
      },
    ],
  },
];
