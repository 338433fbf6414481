import type { PeerReply } from "../input.ts";
import { invariant } from "../invariant-violation.ts";
import type { BootstrapCheck, BootstrapCheckReply } from "../messages.ts";
import type { Bootstrapping, RaftState } from "../state.ts";
import type { PersistedState, ReplicaId } from "../types.ts";
import { newFollower, newProgress, stepDown } from "./transitions.ts";

/**
 * A replica with empty storage is either new, or it has lost its vote and its log. A replica that lost its vote could
 * vote twice in a term, and one that lost entries could help to elect a leader without them (§5.2, §5.4.1). So it takes
 * part only after every peer has confirmed that it never counted this replica's vote or acknowledgement: what nobody
 * counted may be lost. The nearest relative is the status *recovering* of Viewstamped Replication Revisited, §4.3.
 */
export function isBlank({ hardState, snapshot, entries }: PersistedState): boolean {
  return hardState.currentTerm === 0 && snapshot === undefined && entries.length === 0;
}

/** Deadline of one check, and the longest pause between two checks of a peer, in election timeouts. */
const DEADLINE_TIMEOUTS = 16;
const MAX_PAUSE_TIMEOUTS = 2;

/**
 * Sends the check to each peer that has not answered in this round. The pauses grow from one heartbeat. A late answer
 * counts, because machines that all start at once may be slower than any election timeout.
 */
export function sendBootstrapChecks(raft: RaftState, role: Bootstrapping): void {
  checkBlank(raft);
  if (raft.nowMs < role.nextRetryMs) return;
  const { electionTimeoutMinMs } = raft.config;
  role.nextRetryMs = raft.nowMs + role.pauseMs;
  role.pauseMs = Math.min(2 * role.pauseMs, MAX_PAUSE_TIMEOUTS * electionTimeoutMinMs);
  const { round, answers } = role;
  for (const peer of raft.membership.peers) {
    if (answers.has(peer)) continue;
    const request = { type: "bootstrapCheck", term: raft.currentTerm, replicaId: raft.id, round } as const;
    raft.outbox.request(peer, request, DEADLINE_TIMEOUTS * electionTimeoutMinMs);
  }
}

/** Receiver's side of the check. */
export function handleBootstrapCheck(raft: RaftState, from: ReplicaId, callId: number): void {
  const { role, currentTerm: term } = raft;
  if (!raft.countedPeers.has(from)) ignoreEarlierReplies(raft, from);
  const countedPeers = role.type === "bootstrapping" ? undefined : raft.countedPeers.peers;
  raft.outbox.reply(callId, { type: "bootstrapCheck", term, countedPeers });
}

/** Replies that the peer sent before it lost its storage may still be in flight. They must not count any more. */
function ignoreEarlierReplies(raft: RaftState, from: ReplicaId): void {
  const { role } = raft;
  if (role.type === "candidate") role.ignoredVoters.add(from);
  if (role.type !== "leader") return;
  // The reply to a chunk and the reply to a copy of that chunk look the same. In a new term the earlier one is ignored.
  const earlier = role.peers.get(from);
  if (earlier?.chunkInflight) return stepDown(raft);
  const progress = newProgress(raft, from, raft.log.lastIndex + 1);
  if (earlier !== undefined) progress.ignoreCallsOf(earlier);
  role.peers.set(from, progress);
}

/**
 * If a peer is itself bootstrapping, it may have lost its record of this replica. Any decision that it took part in also
 * involved a quorum, and every other member of that quorum recorded it. So the peer is new too if none of the others
 * lists it. They are asked again, because their earlier answers may predate the loss.
 *
 * The term of a reply is not adopted: a replica with a term would look as if it had run before.
 */
export function handleBootstrapCheckReply(
  raft: RaftState,
  role: Bootstrapping,
  { from, request, reply }: PeerReply<BootstrapCheck, BootstrapCheckReply>,
): void {
  const { countedPeers } = reply;
  if (countedPeers === undefined) {
    if (!role.blankPeers.has(from)) restartChecks(raft, role, from);
  } else if (countedPeers.includes(raft.id)) {
    raft.storageLost = { peer: from, lacks: undefined };
    return;
  } else if (request.round === role.round) {
    role.blankPeers.delete(from);
    role.answers.set(from, countedPeers);
  }
  if (!isProvenNew(raft, role)) return;
  checkBlank(raft);
  raft.role = newFollower(raft);
}

function checkBlank({ currentTerm, log, countedPeers }: RaftState): void {
  invariant(
    currentTerm === 0 && log.lastIndex === 0 && countedPeers.peers.length === 0,
    "docs/decisions/0006: a bootstrapping replica has promised nothing in this run",
  );
}

/** Begins a new round, because earlier answers may predate the loss of `blankPeer`'s storage. */
function restartChecks({ config, nowMs }: RaftState, role: Bootstrapping, blankPeer: ReplicaId): void {
  role.blankPeers.add(blankPeer);
  role.answers.clear();
  role.round++;
  role.nextRetryMs = nowMs;
  role.pauseMs = config.heartbeatMs;
}

function isProvenNew({ membership }: RaftState, { answers, blankPeers }: Bootstrapping): boolean {
  for (const countedPeers of answers.values()) {
    if (countedPeers.some((peer) => blankPeers.has(peer))) return false;
  }
  return membership.peers.every((peer) => answers.has(peer) || blankPeers.has(peer));
}
