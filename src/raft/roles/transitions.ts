import type { RaftConfig } from "../config.ts";
import { invariant } from "../invariant-violation.ts";
import { encodeConfiguration } from "../membership/configuration.ts";
import type { AppendEntries, InstallSnapshot } from "../messages.ts";
import type { Bootstrapping, Candidate, Follower, RaftState } from "../state.ts";
import { MAX_TERM, termRefusal } from "../terms.ts";
import { Admission } from "../tracker/admission.ts";
import { Progress } from "../tracker/progress.ts";
import { ReadIndex } from "../tracker/read-index.ts";
import type { LogEntry, LogPosition, ReplicaId } from "../types.ts";

/** Every change of role and of term. */

/** A follower without a known leader. It campaigns after an election timeout. */
export function newFollower({ config, nowMs }: Pick<RaftState, "config" | "nowMs">): Follower {
  return {
    type: "follower",
    leader: undefined,
    lastContactMs: Number.NEGATIVE_INFINITY,
    // A cluster of one waits for no one.
    electionDeadlineMs: config.voters.length === 1 ? nowMs : nowMs + electionTimeoutMs(config),
    stallForgiven: false,
  };
}

/** A replica with empty storage, which has to send bootstrap checks. */
export function newBootstrapping({ config, nowMs }: Pick<RaftState, "config" | "nowMs">): Bootstrapping {
  return {
    type: "bootstrapping",
    round: 1,
    answers: new Map(),
    blankPeers: new Set(),
    nextRetryMs: nowMs,
    pauseMs: config.heartbeatMs,
  };
}

/** Returns whether a dead leader leaves at most two rivals, who seldom split the votes. */
export function hasAtMostThreeVoters({ voters }: RaftConfig): boolean {
  return voters.length <= 3;
}

/**
 * §5.2: randomized, so that split votes are rare. Few rivals draw short timeouts more often: that brings a new leader
 * much sooner, and hardly more split votes.
 */
export function electionTimeoutMs(config: RaftConfig): number {
  const { electionTimeoutMinMs: min, electionTimeoutMaxMs: max, random } = config;
  const drawn = random();
  const share = hasAtMostThreeVoters(config) ? drawn * drawn : drawn;
  return min + Math.floor(share * (max - min + 1));
}

/** The shortest wait for the result of a campaign if votes take no time, in ms. */
export function shortestRetryMs(config: RaftConfig): number {
  return Math.ceil(config.electionTimeoutMinMs / 2);
}

/**
 * The wait for the result of a campaign, in ms: the time that the last vote took, and half an election timeout. Half is
 * enough for messages, because no one waits for a leader any more.
 */
export function retryMs({ config, voteMs }: RaftState): number {
  return voteMs + Math.ceil(electionTimeoutMs(config) / 2);
}

/** §5.1: a request or a reply has a higher term. Become a follower in that term, without a known leader. */
export function adoptTerm(raft: RaftState, term: number): void {
  invariant(
    raft.role.type !== "bootstrapping",
    "docs/decisions/0006: a replica that is not proven new adopts no term",
  );
  invariant(termRefusal(term, raft.currentTerm) === undefined, "§5.1 an impossible term is refused");
  const { role } = raft;
  const waited = role.type === "follower" || role.type === "candidate" ? role.electionDeadlineMs : undefined;
  leaveRole(raft);
  enterTerm(raft, term);
  const follower = newFollower(raft);
  // A higher term alone does not extend the wait; only a vote or a leader does (§5.2).
  raft.role = {
    ...follower,
    electionDeadlineMs: Math.min(waited ?? Number.POSITIVE_INFINITY, follower.electionDeadlineMs),
  };
}

/** §5.1, §5.2: a request of the leader of this or a higher term arrived: follow that leader. */
export function acceptLeader(raft: RaftState, { term, leaderId }: AppendEntries | InstallSnapshot): void {
  invariant(term >= raft.currentTerm, "§5.1 a leader of an older term is rejected");
  if (term > raft.currentTerm) adoptTerm(raft, term);
  followLeader(raft, leaderId);
}

/** §5.2: `leader` leads the current term. */
function followLeader(raft: RaftState, leader: ReplicaId): void {
  invariant(raft.role.type !== "leader", "§5.2 a term has one leader");
  const known = raft.role.type === "follower" ? raft.role.leader : undefined;
  invariant(known === undefined || known === leader, "§5.2 a term has one leader");
  raft.backing = undefined;
  raft.role = { ...newFollower(raft), leader, lastContactMs: raft.nowMs };
}

/**
 * The leader of this term resigned (thesis §3.10). No leader is known any more, and stickiness ends. The successor
 * campaigns at once; the others leave it one election timeout.
 */
export function leaderResigned(raft: RaftState, successor: ReplicaId): void {
  invariant(raft.role.type === "follower", "thesis §3.10 followers are told that their leader resigned");
  const follower = newFollower(raft);
  raft.role = successor === raft.id ? { ...follower, electionDeadlineMs: raft.nowMs } : follower;
}

/** Asks for pre-votes without a change of the term. */
export function becomePreCandidate(raft: RaftState): void {
  invariant(raft.role.type !== "leader", "thesis §9.6 a leader requests no pre-vote");
  leaveRole(raft);
  const role = newCandidate(raft, true);
  raft.role = role;
  if (raft.backing === undefined || raft.backing.term <= raft.currentTerm) {
    const term = raft.currentTerm + 1;
    raft.backing = { candidate: raft.id, term, log: raft.lastPosition, untilMs: role.electionDeadlineMs };
  }
}

/** §5.2: a new term, and a vote for this replica, which counts once it is durable. */
export function becomeCandidate(raft: RaftState): void {
  invariant(raft.pendingVote === undefined, "§5.2 a replica that is writing its vote begins no other term");
  invariant(raft.currentTerm < MAX_TERM, "§5.1 terms end at the highest one");
  leaveRole(raft);
  enterTerm(raft, raft.currentTerm + 1);
  castVote(raft, raft.id, raft.lastPosition);
  raft.role = newCandidate(raft, false);
}

/** §5.2: gives the vote of this term. This replica's own counts, and another one leaves, once it is durable. */
export function castVote(raft: RaftState, candidate: ReplicaId, log: LogPosition): void {
  invariant(raft.votedFor === undefined, "§5.2 one vote per term");
  invariant(raft.log.isUpToDate(log), "§5.4.1 a vote is for a candidate that lacks no entry");
  raft.votedFor = candidate;
  raft.durability.ballotChanged();
  raft.pendingVote = { atMs: raft.nowMs, hardStateVersion: raft.durability.hardStateVersion };
  raft.backing = { candidate, term: raft.currentTerm, log, untilMs: Number.POSITIVE_INFINITY };
}

/** §5.2, §8: a quorum voted for this replica. A leadership begins with an entry of its term. */
export function becomeLeader(raft: RaftState): void {
  const { log, membership } = raft;
  invariant(raft.role.type === "candidate" && !raft.role.preVote, "§5.2 only a candidate becomes leader");
  invariant(
    raft.votedFor === raft.id && raft.pendingVote === undefined,
    "§5.2 a leader's own vote is durable",
  );
  invariant(!raft.resigned, "thesis §3.10 a replica that resigned never leads");
  const firstIndex = log.lastIndex + 1;
  log.append({ index: firstIndex, term: raft.currentTerm, ...firstEntry(raft, firstIndex) });
  raft.role = {
    type: "leader",
    firstIndex,
    peers: new Map(membership.peers.map((peer) => [peer, newProgress(raft, peer, firstIndex)])),
    reads: new ReadIndex(),
    admission: new Admission(raft.config, log, raft.settledIndex),
    nextHeartbeatMs: membership.peers.length === 0 ? Number.POSITIVE_INFINITY : raft.nowMs,
    awaitedCommit: undefined,
    commitMs: 0,
    slowWrite: { batch: undefined, sinceMs: raft.nowMs },
    stallForgiven: false,
  };
}

/** §6: the first leader of a cluster writes its first configuration. */
function firstEntry({ config, membership }: RaftState, index: number): Pick<LogEntry, "type" | "data"> {
  if (index > 1) return { type: "noop", data: new Uint8Array() };
  const { clusterUid } = config;
  return { type: "configuration", data: encodeConfiguration({ clusterUid, voters: membership.voters }) };
}

/** What a leader knows of a peer before the first reply. */
export function newProgress({ config, nowMs }: RaftState, peer: ReplicaId, nextIndex: number): Progress {
  return new Progress({ peer, nextIndex, nowMs, timeoutMs: config.electionTimeoutMinMs });
}

/**
 * A leader steps down within its term: it has no contact to a quorum (check-quorum, thesis §6.2), it resigned (thesis
 * §3.10), or its disk hangs.
 */
export function stepDown(raft: RaftState): void {
  invariant(raft.role.type === "leader", "only a leader steps down");
  leaveRole(raft);
  raft.role = newFollower(raft);
}

function newCandidate(raft: RaftState, preVote: boolean): Candidate {
  return {
    type: "candidate",
    preVote,
    votes: new Map(),
    ignoredVoters: new Set(),
    refusedBy: new Set(),
    askedAtMs: raft.nowMs,
    nextRetryMs: preVote ? raft.nowMs + raft.config.heartbeatMs : Number.POSITIVE_INFINITY,
    // A pre-vote waits for no disk.
    electionDeadlineMs:
      raft.nowMs + (preVote ? Math.ceil(electionTimeoutMs(raft.config) / 2) : retryMs(raft)),
    extended: false,
    stallForgiven: false,
  };
}

function enterTerm(raft: RaftState, term: number): void {
  invariant(term > raft.currentTerm, "§5.1 the current term never decreases");
  raft.currentTerm = term;
  raft.votedFor = undefined;
  raft.pendingVote = undefined;
  raft.backing = undefined;
  raft.durability.ballotChanged();
  raft.outbox.termChanged(term);
}

function leaveRole(raft: RaftState): void {
  if (raft.role.type !== "leader") return;
  for (const read of raft.role.reads.drop()) raft.reads.push(read);
}
