import type { BootstrapCheck, BootstrapCheckReply, RaftView, ReplicaId } from "../../raft/index.ts";
import { requestKey } from "./message-keys.ts";
import type { AbstractReplica, Call } from "./replica.ts";

/** A bootstrapping replica asks: what it promised before it asked is no longer counted (decision 6). */
export function bootstrapCheckAsked(
  replica: AbstractReplica,
  from: ReplicaId,
  request: BootstrapCheck,
  view: RaftView,
): Call {
  const { matchIndex, ignoredVoters, noted, history, stored, role, currentTerm: term } = replica;
  if (!noted.has(from)) {
    matchIndex.delete(from);
    ignoredVoters.set(from, history.sendings);
    // A leader may always step down. It does so if it cannot tell the bootstrapping replica's replies from its earlier ones.
    if (role === "leader" && view.role === "follower") replica.becomeFollower();
  }
  const countedPeers = role === "bootstrapping" ? undefined : stored.hardState.countedPeers;
  return { from, request, term, refusal: undefined, promised: undefined, countedPeers };
}

/** An answer names every peer whose promises may have been counted. A replica that is new itself does not know them. */
export function namesCountedPeers(
  { countedPeers: named }: BootstrapCheckReply,
  { countedPeers }: Call,
): boolean {
  return countedPeers === undefined
    ? named === undefined
    : countedPeers.every((peer) => named?.includes(peer));
}

/**
 * What a bootstrapping replica learns from an answer. Answers to requests from before it knew of another bootstrapping replica may be outdated.
 */
export function bootstrapCheckAnswered(
  replica: AbstractReplica,
  from: ReplicaId,
  request: BootstrapCheck,
  { countedPeers }: BootstrapCheckReply,
): void {
  const { id, answers, blankPeers, history } = replica;
  if (countedPeers === undefined) {
    if (blankPeers.has(from)) return;
    blankPeers.add(from);
    replica.askedAnewAfter = history.sendings;
    answers.clear();
  } else if (history.sending(requestKey(id, from, request)) > replica.askedAnewAfter) {
    blankPeers.delete(from);
    answers.set(from, countedPeers);
  }
}

/** Returns whether no replica can have counted on a bootstrapping replica, not even another bootstrapping replica that lost its storage. */
export function isProvenNew({ id, peers, answers, blankPeers }: AbstractReplica): boolean {
  for (const countedPeers of answers.values()) {
    if (countedPeers.some((peer) => peer === id || blankPeers.has(peer))) return false;
  }
  return peers.every((peer) => answers.has(peer) || blankPeers.has(peer));
}
