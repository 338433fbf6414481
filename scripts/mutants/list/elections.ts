import type { Mutant } from "./mutant.ts";

/** Terms, pre-votes, and who may take part. */
export const elections: readonly Mutant[] = [
  {
    id: "7",
    name: "higher-term-in-reply-ignored",
    mistake: "a higher term in a reply is ignored",
    why: "A deposed leader that is answered goes on leading, as far as it knows.",
    caughtBy: ["rule"],
    edits: [
      {
        file: "src/raft/core.ts",
        from: "if (reply.term > raft.currentTerm) adoptTerm(raft, reply.term);",
        to: "",
      },
    ],
  },
  {
    id: "8",
    name: "term-from-snapshot",
    mistake: "the current term is taken from a snapshot",
    why: "The term falls, and with it goes the vote: terms are led twice.",
    caughtBy: ["rule", "bug"],
    edits: [
      {
        file: "src/raft/roles/install-snapshot.ts",
        from: "  raft.lastApplied = lastIncludedIndex;\n",
        to: "  raft.lastApplied = lastIncludedIndex;\n  raft.currentTerm = meta.lastIncludedTerm;\n",
      },
    ],
  },
  {
    id: "9",
    name: "pre-vote-against-live-leader",
    mistake: "a pre-vote is granted despite a live leader",
    why: "A replica with one bad link deposes a leader that reaches all others, again and again.",
    caughtBy: ["rule"],
    edits: [
      {
        file: "src/raft/roles/election.ts",
        from: "if (request.term < raft.currentTerm || hasLiveLeader(raft)) return reply(false);",
        to: "if (request.term < raft.currentTerm || (!request.preVote && hasLiveLeader(raft))) return reply(false);",
      },
    ],
  },
  {
    id: "30",
    name: "empty-directory-votes",
    mistake: "an empty directory rejoins as the same voter",
    why: "It has forgotten its vote and what it acknowledged; a quorum no longer means anything.",
    caughtBy: ["P7"],
    edits: [
      {
        file: "src/raft/core.ts",
        from: "const mustAsk = isBlank(restored) && !config.volatileStorage && config.voters.length > 1;",
        to: "const mustAsk = false;",
      },
    ],
  },
  {
    id: "44",
    name: "resigned-replica-campaigns",
    mistake: "a replica that resigned campaigns again",
    why: "It is elected, and gone a moment later: a stop costs an election timeout after all.",
    caughtBy: ["bug", "rule"],
    edits: [
      {
        file: "src/raft/roles/election.ts",
        from: '  if (raft.resigned || (role.type !== "follower" && role.type !== "candidate")) return;',
        to: '  if (role.type !== "follower" && role.type !== "candidate") return;',
      },
      {
        file: "src/raft/core.ts",
        from: "return resigned ? Number.POSITIVE_INFINITY : role.electionDeadlineMs;",
        to: "return role.electionDeadlineMs;",
      },
    ],
  },
  {
    id: "45",
    name: "backing-never-ends",
    mistake: "a replica backs a campaign until another term begins, however long nothing comes of it",
    why: "A candidate that died after its pre-vote keeps all others from winning.",
    caughtBy: ["liveness"],
    edits: [
      {
        file: "src/raft/roles/backing.ts",
        from: "  return backing !== undefined && nowMs < backing.untilMs;",
        to: "  return backing !== undefined;",
      },
    ],
  },
];
