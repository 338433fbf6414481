import type { RaftView } from "../../../raft/index.ts";
import type { Cluster } from "./cluster.ts";
import type { Observed } from "./observed.ts";
import { Violation } from "./violation.ts";

/** P1, P3, P7 and the rules of leaders, checked after each of their steps. */
export function checkLeader(
  cluster: Cluster,
  replica: Observed,
  before: RaftView | undefined,
  view: RaftView,
): void {
  const wasLeader = before?.role === "leader" && before.currentTerm === view.currentTerm;
  if (!wasLeader) checkElected(cluster, replica, view);
  if (before !== undefined && view.commitIndex > before.commitIndex) checkCommit(cluster, replica, view);
  checkMatches(cluster, replica, wasLeader ? before : undefined, view);
}

function checkElected(cluster: Cluster, replica: Observed, view: RaftView): void {
  const { currentTerm: term } = view;
  const { ledger } = cluster;
  ledger.leads(term, replica.id);
  if (!cluster.majorityVotedFor(replica.id, term)) {
    throw new Violation(
      "P1",
      `§5.2 ${replica.id} leads term ${term} without the durable votes of a majority`,
    );
  }
  const mark = ledger.committedBefore(term);
  if (mark === undefined || mark.index <= (view.snapshot?.lastIncludedIndex ?? 0)) return;
  if (view.termAt(mark.index) !== mark.term) {
    throw new Violation("P3", `§5.4 ${replica.id} leads term ${term} without ${mark.index}@${mark.term}`);
  }
}

function checkCommit(cluster: Cluster, replica: Observed, view: RaftView): void {
  const { commitIndex: index, currentTerm } = view;
  // A snapshot that was arriving when this replica was elected covers committed entries.
  if (index <= (view.snapshot?.lastIncludedIndex ?? 0)) return;
  const term = view.termAt(index);
  if (term !== currentTerm) {
    throw new Violation(
      "rule",
      `§5.4.2 ${replica.id} commits ${index} of term ${term} in term ${currentTerm}`,
    );
  }
  if (!cluster.majorityHolds(index, term)) {
    throw new Violation("P7", `§5.3 ${replica.id} commits ${index}@${term}, which no majority holds`);
  }
  cluster.ledger.committed(currentTerm, index, term);
}

/** A leader's matchIndex for a peer is correct, unless the peer has moved to a later term. */
function checkMatches(
  cluster: Cluster,
  replica: Observed,
  before: RaftView | undefined,
  view: RaftView,
): void {
  for (const [at, { id, matchIndex }] of view.peers.entries()) {
    if (matchIndex === (before?.peers[at]?.matchIndex ?? 0)) continue;
    const peer = cluster.get(id);
    const term = view.termAt(matchIndex);
    if (peer === undefined || term === undefined || peer.image.hardState.term > view.currentTerm) continue;
    if (!peer.holds(matchIndex, term)) {
      throw new Violation("rule", `§5.3 ${replica.id} believes that ${id} holds ${matchIndex}@${term}`);
    }
  }
}
