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
        from: "if (reply.term > raft.currentTerm) adoptTerm(raft, reply.term, now);",
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
        file: "src/raft/install-snapshot.ts",
        from: "  raft.lastApplied = lastIncludedIndex;\n",
        to: "  raft.lastApplied = lastIncludedIndex;\n  raft.currentTerm = meta.lastIncludedTerm;\n",
      },
    ],
  },
  {
    id: "9",
    name: "pre-vote-against-live-leader",
    mistake: "a pre-vote is granted while a live leader is heard",
    why: "A replica with one bad link deposes a leader that all others hear, again and again.",
    caughtBy: ["rule"],
    edits: [
      {
        file: "src/raft/election.ts",
        from: "if (request.term < raft.currentTerm || hearsLeader(raft, now)) return reply(false);",
        to: "if (request.term < raft.currentTerm || (!request.preVote && hearsLeader(raft, now))) return reply(false);",
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
        from: "const mustAsk = isBlank(restored) && !config.mayForget && config.voters.length > 1;",
        to: "const mustAsk = false;",
      },
    ],
  },
];
