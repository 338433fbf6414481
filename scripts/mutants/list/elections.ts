import type { Mutant } from "./mutant.ts";

/** Terms, pre-votes, and who may take part. */
export const elections: readonly Mutant[] = [
  {
    id: "7",
    name: "higher-term-in-reply-ignored",
    mistake: "a higher term in a reply is ignored",
    why: "A deposed leader that gets replies believes that it still leads.",
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
    why: "The term falls and the vote is lost: two leaders in one term.",
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
    why: "A replica with one bad link repeatedly deposes a leader that reaches all others.",
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
    why: "It has forgotten its vote and its acknowledgements, so quorums no longer overlap in a replica that knows them.",
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
    why: "It is elected and stops a moment later: the stop still costs an election timeout.",
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
