import type { Mutant } from "./mutant.ts";

export const election: readonly Mutant[] = [
  {
    id: "1",
    mistake: "a vote is told before it is durable",
    edits: [
      {
        file: "src/raft/election.ts",
        from: "  reply(true);\n}",
        to: '  const { hardStateVersion } = raft.durability;\n  raft.outbox.tell(callId, { type: "requestVote", term: raft.currentTerm, voteGranted: hardStateVersion >= 0 });\n}',
      },
      {
        file: "src/raft/outbox.ts",
        from: "  /** A reply that says: all entries up to",
        to: '  tell(callId: number, reply: RaftReply): void {\n    this.#ready.push({ type: "reply", callId, reply });\n  }\n\n  /** A reply that says: all entries up to',
      },
    ],
  },
  {
    id: "2a",
    mistake: "the vote is forgotten on restart",
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
    mistake: "the term is forgotten on restart",
    edits: [
      {
        file: "src/raft/state.ts",
        from: "this.currentTerm = restored.hardState.currentTerm;",
        to: "this.currentTerm = restored.entries.at(-1)?.term ?? restored.prevLogTerm;",
      },
    ],
  },
  {
    id: "3a",
    mistake: "a vote without the check that the candidate's log is up to date",
    edits: [
      {
        file: "src/raft/election.ts",
        from: "if (!free || !upToDate) return reply(false);",
        to: "if (!free) return reply(false);",
      },
      {
        file: "src/raft/election.ts",
        from: "return reply(request.term > raft.currentTerm && upToDate);",
        to: "return reply(request.term > raft.currentTerm);",
      },
    ],
  },
  {
    id: "3b",
    mistake: "logs are compared by index before term",
    edits: [
      {
        file: "src/raft/log.ts",
        from: "return other.term > this.lastTerm || (other.term === this.lastTerm && other.index >= this.lastIndex);",
        to: "return other.index > this.lastIndex || (other.index === this.lastIndex && other.term >= this.lastTerm);",
      },
    ],
  },
  {
    id: "4",
    mistake: "replies of another term's election are counted as votes",
    edits: [
      {
        file: "src/raft/election.ts",
        from: "if (request.term !== (role.preVote ? raft.currentTerm + 1 : raft.currentTerm)) return;",
        to: "",
      },
    ],
  },
  {
    id: "5",
    mistake: "a vote is counted twice: the pre-vote once more as the vote",
    edits: [
      {
        file: "src/raft/transitions.ts",
        from: "    votes: new Map(),",
        to: "    votes: preVote ? new Map() : newestVotes,",
      },
      {
        file: "src/raft/transitions.ts",
        from: "function newCandidate(raft: RaftState, preVote: boolean, now: number): Candidate {",
        to: 'function newCandidate(raft: RaftState, preVote: boolean, now: number): Candidate {\n  const newestVotes = raft.role.type === "candidate" ? raft.role.votes : new Map();',
      },
    ],
  },
  {
    id: "6",
    mistake: "a quorum is half of the voters",
    edits: [
      {
        file: "src/raft/quorum.ts",
        from: "return Math.floor(voters / 2) + 1;",
        to: "return Math.max(1, Math.floor(voters / 2));",
      },
    ],
  },
  {
    id: "7",
    mistake: "a higher term in a reply is ignored",
    edits: [
      {
        file: "src/raft/core.ts",
        from: "if (reply.term > raft.currentTerm) adoptTerm(raft, reply.term, now);",
        to: "",
      },
    ],
  },
  {
    id: "9",
    mistake: "a pre-vote is granted while a live leader is heard",
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
    mistake: "an empty directory rejoins as the same voter",
    edits: [
      {
        file: "src/raft/core.ts",
        from: "const mustAsk = isBlank(restored) && !config.mayForget && config.voters.length > 1;",
        to: "const mustAsk = false && isBlank(restored);",
      },
    ],
  },
];
