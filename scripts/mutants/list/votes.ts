import type { Mutant } from "./mutant.ts";

/** The promise of a vote, and the counting of promises. */
export const votes: readonly Mutant[] = [
  {
    id: "1a",
    name: "vote-told-early",
    mistake: "a vote is told before it is durable",
    why: "A voter that crashes right after its reply votes again in the same term: two leaders.",
    caughtBy: ["P6"],
    edits: [
      {
        file: "src/raft/roles/election.ts",
        from: "  reply(true);\n}",
        to: '  raft.outbox.tell(callId, { type: "requestVote", term: raft.currentTerm, voteGranted: true });\n}',
      },
      {
        file: "src/raft/outbox.ts",
        from: "  /** A reply that says: all entries up to",
        to: '  tell(callId: number, reply: RaftReply): void {\n    this.#ready.push({ type: "reply", callId, reply });\n  }\n\n  /** A reply that says: all entries up to',
      },
    ],
  },
  {
    id: "1b",
    name: "own-vote-counted-early",
    mistake: "a candidate counts its own vote before it is durable",
    why: "It leads a term, crashes, forgets its vote, and votes for another leader of the same term.",
    caughtBy: ["P1"],
    edits: [
      {
        file: "src/raft/roles/election.ts",
        from: "role.votes.set(from, role.preVote ? 0 : raft.durability.hardStateVersion);",
        to: "role.votes.set(from, 0);",
      },
    ],
  },
  {
    id: "2a",
    name: "vote-forgotten",
    mistake: "the vote is forgotten on restart",
    why: "A restarted voter votes twice in a term: two leaders.",
    caughtBy: ["P5"],
    edits: [
      {
        file: "src/raft/state.ts",
        from: "this.votedFor = restored.hardState.votedFor;",
        to: "this.votedFor = undefined;",
      },
    ],
  },
  {
    id: "2b",
    name: "term-forgotten",
    mistake: "the term is forgotten on restart: it is taken from the log",
    why: "A restarted voter votes again in terms in which it has voted.",
    caughtBy: ["P5"],
    edits: [
      {
        file: "src/raft/state.ts",
        from: "this.currentTerm = restored.hardState.currentTerm;",
        to: "this.currentTerm = this.log.lastTerm;",
      },
    ],
  },
  {
    id: "2c",
    name: "vote-left-in-old-segment",
    mistake: "term and vote are forgotten on restart: a new segment of the log doesn't repeat them",
    why: "They are removed with the segment, when a snapshot covers its entries.",
    caughtBy: ["P6", "P5"],
    edits: [
      {
        file: "adapters/file/segmented-log.ts",
        from: "    const hardState = this.#hardState;\n",
        to: "    const hardState = undefined;\n",
      },
    ],
  },
  {
    id: "3a",
    name: "no-up-to-date-check",
    mistake: "a vote without the check that the candidate's log is up to date",
    why: "A candidate that lacks committed entries is elected, and replaces them.",
    caughtBy: ["P3"],
    edits: [
      {
        file: "src/raft/roles/election.ts",
        from: "const upToDate = raft.log.isUpToDate({ index: request.lastLogIndex, term: request.lastLogTerm });",
        to: "const upToDate = true;",
      },
    ],
  },
  {
    id: "3b",
    name: "index-before-term",
    mistake: "logs are compared by index before term",
    why: "A long log of an old, isolated leader wins over a shorter one with committed entries.",
    caughtBy: ["P3", "rule"],
    rare: "test/raft/log/log.test.ts",
    edits: [
      {
        file: "src/raft/log/log.ts",
        from: "return other.term > this.lastTerm || (other.term === this.lastTerm && other.index >= this.lastIndex);",
        to: "return other.index > this.lastIndex || (other.index === this.lastIndex && other.term >= this.lastTerm);",
      },
    ],
  },
  {
    id: "4",
    name: "votes-of-another-term",
    mistake: "replies of another term's election are counted as votes",
    why: "A late vote of a lost election counts in the next one: a leader without a quorum.",
    caughtBy: ["P1"],
    rare: "test/raft/roles/election.test.ts",
    edits: [
      {
        file: "src/raft/roles/election.ts",
        from: "if (request.term !== (role.preVote ? raft.currentTerm + 1 : raft.currentTerm)) return;",
        to: "",
      },
    ],
  },
  {
    id: "5a",
    name: "pre-votes-kept-as-votes",
    mistake: "a vote is counted twice: those who gave a pre-vote are counted as if they had voted",
    why: "A leader without a quorum, because a pre-vote is not a promise.",
    caughtBy: ["P1"],
    edits: [
      {
        file: "src/raft/roles/transitions.ts",
        from: "    votes: new Map(),",
        to: '    votes: !preVote && raft.role.type === "candidate" ? raft.role.votes : new Map(),',
      },
    ],
  },
  {
    id: "5b",
    name: "late-pre-vote-counted",
    mistake: "a vote is counted twice: a pre-vote that comes after the quorum of pre-votes counts as a vote",
    why: "A leader without a quorum, if all pre-votes arrive but the votes don't.",
    caughtBy: ["P1"],
    edits: [
      {
        file: "src/raft/roles/election.ts",
        from: 'if (role.type !== "candidate" || role.preVote !== request.preVote) return;',
        to: 'if (role.type !== "candidate") return;',
      },
    ],
  },
  {
    id: "6a",
    name: "quorum-is-half",
    mistake: "a quorum is half of the voters, rounded down",
    why: "Two quorums need not have a common member: two leaders, lost entries.",
    caughtBy: ["P1", "P7"],
    edits: [
      {
        file: "src/raft/membership/quorum.ts",
        from: "return Math.floor(voters / 2) + 1;",
        to: "return Math.max(1, Math.floor(voters / 2));",
      },
    ],
  },
  {
    id: "6b",
    name: "quorum-is-half-of-even",
    mistake: "a quorum is half of the voters, rounded up",
    why: "Right for odd numbers. With two or four voters, each half acts alone.",
    caughtBy: ["P1", "P7"],
    edits: [
      {
        file: "src/raft/membership/quorum.ts",
        from: "return Math.floor(voters / 2) + 1;",
        to: "return Math.ceil(voters / 2);",
      },
    ],
  },
];
