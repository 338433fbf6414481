import type { AskAdmissionReply } from "./messages.ts";
import { Progress } from "./progress.ts";
import type { Newcomer, RaftState } from "./state.ts";
import { newFollower, stepDown } from "./transitions.ts";
import type { PersistedState, ReplicaId } from "./types.ts";

/**
 * A replica with empty storage is new, or it has lost its votes and its log. One that forgot a vote could vote
 * twice in a term, and one that forgot entries could help to elect a leader without them (§5.2, §5.4.1). So it
 * takes no part before every peer has said that it never counted on it: what nobody counted may be forgotten.
 */
export function isBlank({ hardState, snapshot, entries }: PersistedState): boolean {
  return hardState.currentTerm === 0 && snapshot === undefined && entries.length === 0;
}

/** Asks the peers that have not answered yet, a heartbeat apart. */
export function askAdmission(raft: RaftState, newcomer: Newcomer, now: number): void {
  if (now < newcomer.nextAskMs) return;
  newcomer.nextAskMs = now + raft.config.heartbeatMs;
  for (const peer of raft.membership.peers) {
    if (newcomer.admittedBy.has(peer)) continue;
    raft.outbox.request(peer, { type: "askAdmission", term: raft.currentTerm, newcomerId: raft.id });
  }
}

export function handleAskAdmission(raft: RaftState, from: ReplicaId, callId: number, now: number): void {
  const reliedOn = raft.reliances.has(from);
  if (!reliedOn) disregardEarlierReplies(raft, from, now);
  raft.outbox.reply(callId, { type: "askAdmission", term: raft.currentTerm, reliedOn });
}

/** What the peer promised before it came with empty storage, and is still on its way, must not be counted any more. */
function disregardEarlierReplies(raft: RaftState, from: ReplicaId, now: number): void {
  const { role } = raft;
  if (role.type === "candidate") role.disregarded.add(from);
  if (role.type !== "leader") return;
  // The reply to a chunk can't be told from that to the same chunk sent anew: let it be one to an earlier leadership.
  if (role.peers.get(from)?.chunkInflight) return stepDown(raft, now);
  role.peers.set(from, new Progress(raft.log.lastIndex + 1, now));
}

/** A term it hears of says nothing to it before it is let in: adopting one would make it look as if it had a past. */
export function handleAskAdmissionReply(
  raft: RaftState,
  newcomer: Newcomer,
  from: ReplicaId,
  reply: AskAdmissionReply,
  now: number,
): void {
  if (reply.reliedOn) {
    raft.forgottenBy = from;
    return;
  }
  newcomer.admittedBy.add(from);
  if (raft.membership.peers.every((peer) => newcomer.admittedBy.has(peer))) {
    raft.role = newFollower(raft.config, now);
  }
}
