import type { ReplicaId } from "../../raft/index.ts";

/**
 * Every rule that the abstract Raft checks. Sources are sections of the paper, of the thesis if named, or decisions of
 * this project.
 */
export const rules = {
  sent: { rule: "every message that arrives was sent", source: "§2" },
  reply: { rule: "a request gets one reply, with its result", source: "§5" },
  staleTerm: { rule: "requests of older terms are refused", source: "§5.1" },
  higherTerm: {
    rule: "a higher term is adopted from requests and replies, and never invented",
    source: "§5.1",
  },
  role: { rule: "roles change by timeouts, votes and terms only", source: "§5.2" },
  durableTerm: { rule: "a term is durable before a message contains it", source: "figure 2" },

  oneVote: { rule: "a replica votes once per term, first come first served", source: "§5.2" },
  upToDate: { rule: "a vote goes to a log that is at least as up to date", source: "§5.4.1" },
  stickiness: { rule: "no candidate gets a vote during contact with a leader", source: "thesis §4.2.3" },
  durableVote: { rule: "a vote is sent once it is durable", source: "figure 2" },
  campaign: {
    rule: "a replica campaigns only after an election timeout without contact with a leader",
    source: "§5.2",
  },
  candidacy: { rule: "a vote request contains the candidate's own term and its log's end", source: "§5.2" },
  preVoteQuorum: { rule: "a new term needs a quorum that would vote", source: "thesis §9.6" },
  voteQuorum: { rule: "a leader has the votes of a quorum, its own only once durable", source: "§5.2" },
  oneLeader: { rule: "a term has one leader", source: "§5.2" },
  leaderCompleteness: { rule: "a leader's log holds all that earlier terms committed", source: "§5.4.3" },
  leaderNoop: { rule: "a leadership begins with one no-op of its term", source: "§8" },

  logChange: {
    rule: "the log changes by the leader's entries, proposals and snapshots only",
    source: "§5.3",
  },
  proposal: { rule: "only a leader appends proposals, at the end of its log", source: "§5.3" },
  prevMatches: { rule: "entries follow the entry that the leader names, or are refused", source: "§5.3" },
  conflictOnly: { rule: "entries are removed only if they conflict", source: "§5.3" },
  staleTail: { rule: "what follows a conflict is removed with it", source: "§5.3" },
  entriesStored: { rule: "the leader's entries are stored as they are", source: "§5.3" },
  logMatching: {
    rule: "entries of the same index and term are equal, and so are those before",
    source: "§5.3",
  },
  leaderSends: { rule: "a leader sends what its log holds and what it committed", source: "§5.3" },
  durableAck: { rule: "an acknowledgement is sent once its entries are durable", source: "figure 2" },

  matchIndex: {
    rule: "matchIndex is at most prevLogIndex + entries of an AppendEntries that the peer accepted in this term",
    source: "§5.3",
  },
  ownTermCommit: { rule: "a leader commits by counting only entries of its own term", source: "§5.4.2" },
  commitQuorum: { rule: "an entry is committed once a quorum holds it durably", source: "§5.3" },
  followerCommit: {
    rule: "a follower commits up to leaderCommit, and not beyond the last new entry",
    source: "§5.3",
  },
  commitChange: {
    rule: "the commit index moves by quorums, leaderCommit and snapshots only",
    source: "§5.3",
  },
  sameCommitted: { rule: "all replicas commit the same entry at an index", source: "§5.4.3" },
  applyOrder: { rule: "committed entries are applied in order, each once", source: "§5.3" },
  appliedDurable: { rule: "only what is durable here is applied", source: "decision 4" },

  readAnswer: {
    rule: "a read is answered once, with an index only by the leader that got it",
    source: "thesis §6.4",
  },
  readOwnTerm: { rule: "no read before an entry of the leader's term is committed", source: "thesis §6.4" },
  readRound: { rule: "a quorum answers heartbeats sent after the read started", source: "thesis §6.4" },
  readIndex: { rule: "a read sees everything committed before it started", source: "thesis §6.4" },

  snapshotApplied: { rule: "a snapshot covers only applied entries", source: "§7" },
  snapshotCommitted: { rule: "a snapshot ends at a committed entry", source: "§7" },
  suffixKept: { rule: "entries that follow the snapshot's last are kept", source: "§7" },
  snapshotReplaces: { rule: "a snapshot replaces what it covers or contradicts", source: "§7" },

  oneWrite: { rule: "one write is in flight, and only that one completes", source: "decision 1" },
  batch: { rule: "a write brings the disk to the state in memory", source: "decision 1" },
  durableIndex: { rule: "only what was written counts as durable", source: "decision 1" },
  restored: { rule: "a restart restores what was durable", source: "figure 2" },
  bootstrapping: {
    rule: "a replica with empty storage takes no part until it is proven new",
    source: "decision 6",
  },
} as const;

/** The names of the rules of `rules`. */
export type RuleName = keyof typeof rules;

/** A replica did something that no action of the abstract Raft allows. */
export class DisallowedStep extends Error {
  override readonly name = "DisallowedStep";
  readonly replica: ReplicaId;
  readonly ruleName: RuleName;

  /** @param event the traced event as text */
  constructor(replica: ReplicaId, ruleName: RuleName, event: string) {
    const { rule, source } = rules[ruleName];
    super(`${source}: ${rule} (replica ${replica}, on ${event})`);
    this.replica = replica;
    this.ruleName = ruleName;
  }
}
