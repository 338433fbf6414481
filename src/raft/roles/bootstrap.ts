import type { PeerReply } from "../input.ts";
import type { AskAdmission, AskAdmissionReply } from "../messages.ts";
import type { Newcomer, RaftState } from "../state.ts";
import type { PersistedState, ReplicaId } from "../types.ts";
import { newFollower, newProgress, stepDown } from "./transitions.ts";

/**
 * A replica with empty storage is new, or it has lost its votes and its log. One that forgot a vote could vote
 * twice in a term, and one that forgot entries could help to elect a leader without them (§5.2, §5.4.1). So it
 * takes no part before every peer has said that it never counted on it: what nobody counted may be forgotten.
 */
export function isBlank({ hardState, snapshot, entries }: PersistedState): boolean {
  return hardState.currentTerm === 0 && snapshot === undefined && entries.length === 0;
}

/** How long a peer may take to answer, and the longest pause before it is asked again, in election timeouts. */
const DEADLINE_TIMEOUTS = 16;
const MAX_PAUSE_TIMEOUTS = 2;

/**
 * Asks the peers whose answers are missing in this round. The pauses grow from a heartbeat, and a late answer counts:
 * machines that all start at once may be slower than any election timeout.
 */
export function askAdmission(raft: RaftState, newcomer: Newcomer): void {
  if (raft.nowMs < newcomer.nextAskMs) return;
  const { electionTimeoutMinMs } = raft.config;
  newcomer.nextAskMs = raft.nowMs + newcomer.pauseMs;
  newcomer.pauseMs = Math.min(2 * newcomer.pauseMs, MAX_PAUSE_TIMEOUTS * electionTimeoutMinMs);
  const { round, answers } = newcomer;
  for (const peer of raft.membership.peers) {
    if (answers.has(peer)) continue;
    const request = { type: "askAdmission", term: raft.currentTerm, newcomerId: raft.id, round } as const;
    raft.outbox.request(peer, request, DEADLINE_TIMEOUTS * electionTimeoutMinMs);
  }
}

export function handleAskAdmission(raft: RaftState, from: ReplicaId, callId: number): void {
  const { reliances, role, currentTerm: term } = raft;
  if (!reliances.has(from)) disregardEarlierReplies(raft, from);
  const reliedOn = role.type === "newcomer" ? undefined : reliances.peers;
  raft.outbox.reply(callId, { type: "askAdmission", term, reliedOn });
}

/** What the peer promised before it came with empty storage, and is still on its way, must not be counted any more. */
function disregardEarlierReplies(raft: RaftState, from: ReplicaId): void {
  const { role } = raft;
  if (role.type === "candidate") role.disregarded.add(from);
  if (role.type !== "leader") return;
  // The reply to a chunk can't be told from that to the same chunk sent anew: let it be one to an earlier leadership.
  const earlier = role.peers.get(from);
  if (earlier?.chunkInflight) return stepDown(raft);
  const progress = newProgress(raft, from, raft.log.lastIndex + 1);
  if (earlier !== undefined) progress.disregardCallsOf(earlier);
  role.peers.set(from, progress);
}

/**
 * A peer that is a newcomer itself may have counted on this replica before it lost its storage. Each of its
 * decisions had a quorum though, and whoever gave it a vote or an acknowledgement noted it first. So it counts as
 * new too if all others, asked after it answered, never relied on it.
 *
 * A term it hears of says nothing to it before it is let in: adopting one would make it look as if it had a past.
 */
export function handleAskAdmissionReply(
  raft: RaftState,
  newcomer: Newcomer,
  { from, request, reply }: PeerReply<AskAdmission, AskAdmissionReply>,
): void {
  const { reliedOn } = reply;
  if (reliedOn === undefined) {
    if (!newcomer.others.has(from)) askAnew(raft, newcomer, from);
  } else if (reliedOn.includes(raft.id)) {
    raft.forgotten = { peer: from, lacks: undefined };
    return;
  } else if (request.round === newcomer.round) {
    newcomer.others.delete(from);
    newcomer.answers.set(from, reliedOn);
  }
  if (isLetIn(raft, newcomer)) raft.role = newFollower(raft);
}

/** What was answered so far may be older than what the other newcomer has lost. */
function askAnew({ config, nowMs }: RaftState, newcomer: Newcomer, other: ReplicaId): void {
  newcomer.others.add(other);
  newcomer.answers.clear();
  newcomer.round++;
  newcomer.nextAskMs = nowMs;
  newcomer.pauseMs = config.heartbeatMs;
}

function isLetIn({ membership }: RaftState, { answers, others }: Newcomer): boolean {
  for (const reliedOn of answers.values()) if (reliedOn.some((peer) => others.has(peer))) return false;
  return membership.peers.every((peer) => answers.has(peer) || others.has(peer));
}
