import type { RaftView, Ready, ReplicaId } from "../../../raft/index.ts";
import type { Cluster } from "./cluster.ts";
import {
  checkFollowerCommit,
  checkSameLeadership,
  checkSuffixKept,
  checkTermAdopted,
  noteChunk,
  noteHearing,
} from "./input-rules.ts";
import { checkLeader } from "./leader-rules.ts";
import { hashOfEntry } from "./message-rules.ts";
import type { Observed } from "./observed.ts";
import type { Step } from "./step.ts";
import { Violation } from "./violation.ts";

/** Checks a replica after each step against the durable state of all replicas. */
export function checkStep(cluster: Cluster, replica: Observed, step: Step): void {
  const { input, before, view, nowMs } = step;
  switch (input.type) {
    case "request":
      replica.unanswered.set(input.callId, input.request);
      noteHearing(replica, input.request, view, nowMs);
      checkFollowerCommit(replica, input.request, before, view);
      break;
    case "reply":
      if (before === undefined) break;
      checkTermAdopted(replica, input.reply, before, view);
      checkSameLeadership(replica, input.request, before, view);
      if (input.request.type === "appendEntries") {
        replica.reads.replied(input.from, input.request, input.reply, view);
      }
      break;
    case "read":
      replica.reads.asked(input.readId, cluster.ledger.highestApplied);
      break;
    case "writeRefused":
      replica.inFlight = undefined;
      break;
    case "chunkStored":
      noteChunk(replica, input.meta, input.nextOffset, view);
      break;
    case "snapshotInstalled":
      checkSuffixKept(replica, before, view);
      break;
  }
  checkState(cluster, replica, view);
}

/** Checks a replica when it acts: its commits, its reads, and what it applies. */
export function checkTake(cluster: Cluster, replica: Observed, ready: Ready, view: RaftView): void {
  for (const entry of ready.apply) {
    const { index, term, type, data } = entry;
    cluster.ledger.applied(replica.id, index, { term, hash: hashOfEntry(type, data) });
  }
  replica.reads.took(ready, view, cluster.replicas.length);
  if (ready.persist !== undefined) replica.inFlight = ready.persist;
  checkState(cluster, replica, view);
}

function checkState(cluster: Cluster, replica: Observed, view: RaftView): void {
  const before = replica.view;
  replica.view = view;
  if (view.role === "leader") checkLeader(cluster, replica, before, view);
  if (replica.lost !== undefined && view.role !== "bootstrapping") checkProvenNew(cluster, replica);
  if (view.durableIndex !== before?.durableIndex) {
    const term = view.termAt(view.durableIndex);
    if (term !== undefined && !replica.image.holds(view.durableIndex, term)) {
      throw new Violation(
        "P6",
        `${replica.id} takes ${view.durableIndex}@${term} for durable, and it is not`,
      );
    }
  }
}

/** Returns whether a peer has durably voted for or acknowledged to the replica, which may have decided with it. */
function isCounted(cluster: Cluster, id: ReplicaId): boolean {
  return cluster.replicas.some(({ lost, image }) => {
    return lost === undefined && image.hardState.countedPeers.includes(id);
  });
}

/** Checks a replica that lost its storage and takes part again: nobody may have counted what it lost. */
function checkProvenNew(cluster: Cluster, replica: Observed): void {
  const counted = cluster.replicas.find(({ id, image, lost }) => {
    if (id === replica.id || !(lost ?? image).hardState.countedPeers.includes(replica.id)) return false;
    return lost === undefined || isCounted(cluster, id);
  });
  if (counted !== undefined) {
    throw new Violation(
      "P7",
      `${replica.id} lost its storage and votes again, though ${counted.id} counted on it`,
    );
  }
  cluster.ledger.votesLost(replica.id);
  replica.lost = undefined;
}
