import type { AskAdmission, AskAdmissionReply, RaftView, ReplicaId } from "../../raft/index.ts";
import { requestKey } from "./message-keys.ts";
import type { AbstractReplica, Call } from "./replica.ts";

/** A newcomer asks: what it promised before it asked is no longer counted (decision 6). */
export function admissionAsked(
  replica: AbstractReplica,
  from: ReplicaId,
  request: AskAdmission,
  view: RaftView,
): Call {
  const { matchIndex, disregarded, noted, history, stored, role, currentTerm: term } = replica;
  if (!noted.has(from)) {
    matchIndex.delete(from);
    disregarded.set(from, history.sendings);
    // A leader may always step down. It does so if it cannot tell the newcomer's replies from its earlier ones.
    if (role === "leader" && view.role === "follower") replica.becomeFollower();
  }
  const reliedOn = role === "newcomer" ? undefined : stored.hardState.reliedOn;
  return { from, request, term, refusal: undefined, promised: undefined, reliedOn };
}

/** An answer names every peer whose promises may have been counted. A replica that is new itself does not know them. */
export function namesThoseReliedOn({ reliedOn: named }: AskAdmissionReply, { reliedOn }: Call): boolean {
  return reliedOn === undefined ? named === undefined : reliedOn.every((peer) => named?.includes(peer));
}

/**
 * What a newcomer learns from an answer. Answers to requests from before it knew of another newcomer may be outdated.
 */
export function admissionAnswered(
  replica: AbstractReplica,
  from: ReplicaId,
  request: AskAdmission,
  { reliedOn }: AskAdmissionReply,
): void {
  const { id, answers, newcomers, history } = replica;
  if (reliedOn === undefined) {
    if (newcomers.has(from)) return;
    newcomers.add(from);
    replica.askedAnewAfter = history.sendings;
    answers.clear();
  } else if (history.sending(requestKey(id, from, request)) > replica.askedAnewAfter) {
    newcomers.delete(from);
    answers.set(from, reliedOn);
  }
}

/** Returns whether no replica can have counted on a newcomer, not even another newcomer that lost its storage. */
export function mayBeLetIn({ id, peers, answers, newcomers }: AbstractReplica): boolean {
  for (const reliedOn of answers.values()) {
    if (reliedOn.some((peer) => peer === id || newcomers.has(peer))) return false;
  }
  return peers.every((peer) => answers.has(peer) || newcomers.has(peer));
}
