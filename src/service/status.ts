import type { MalformedCommand, Soundness } from "../kvraft/index.ts";
import type { RaftView, ReplicaId } from "../raft/index.ts";

/** What does not change while a replica runs. */
export interface ReplicaInfo {
  readonly id: ReplicaId;
  readonly clusterId: string;
  /** The other replicas of the cluster. */
  readonly peers: readonly ReplicaId[];
  /** The names of the implementations in use, such as `http` and `file`. */
  readonly transport: string;
  readonly persister: string;
  readonly version: string;
}

/** What `GET /status` answers. */
export interface ReplicaStatus extends Omit<ReplicaInfo, "peers"> {
  readonly role: RaftView["role"];
  readonly term: number;
  readonly leader: ReplicaId | null;
  readonly commitIndex: number;
  readonly lastApplied: number;
  readonly lastLogIndex: number;
  /** The last index that the newest snapshot covers; 0 without one. */
  readonly snapshotIndex: number;
  readonly peers: readonly PeerStatus[];
  readonly uptimeMs: number;
  /** The newest comparison of this replica's data with that of others, by a hash; null before the first. */
  readonly audit: AuditReport | null;
  /** The last command of the log that could not be decoded, and changed nothing on any replica; null without one. */
  readonly malformedCommand: MalformedCommand | null;
}

export interface AuditReport {
  /** The index after which the data was compared. */
  readonly index: number;
  readonly hash: string;
  /** By replica: whether its data had the same hash. The leader knows of all that answered, others of the leader. */
  readonly agrees: Readonly<Record<string, boolean>>;
  /** The last difference found since this replica started, as a sentence; null without one. */
  readonly alarm: string | null;
}

/** What only a leader knows is null elsewhere. */
export interface PeerStatus {
  readonly id: ReplicaId;
  readonly matchIndex: number | null;
  /** How long ago the peer last answered, in ms. */
  readonly lastContactMs: number | null;
}

/** @param now on the replica's clock, in ms; `startedAt` as well */
export function replicaStatus(
  info: ReplicaInfo,
  view: RaftView,
  { audit, malformedCommand }: Soundness,
  { now, startedAt }: { readonly now: number; readonly startedAt: number },
): ReplicaStatus {
  return {
    id: info.id,
    clusterId: info.clusterId,
    role: view.role,
    term: view.currentTerm,
    leader: view.leader ?? null,
    commitIndex: view.commitIndex,
    lastApplied: view.lastApplied,
    lastLogIndex: view.lastLogIndex,
    snapshotIndex: view.snapshot?.lastIncludedIndex ?? 0,
    peers: info.peers.map((id) => peerStatus(id, view, now)),
    transport: info.transport,
    persister: info.persister,
    version: info.version,
    uptimeMs: Math.round(now - startedAt),
    audit: audit === undefined ? null : { ...audit, alarm: audit.alarm ?? null },
    malformedCommand: malformedCommand ?? null,
  };
}

function peerStatus(id: ReplicaId, view: RaftView, now: number): PeerStatus {
  const peer = view.peers.find((candidate) => candidate.id === id);
  if (peer === undefined) return { id, matchIndex: null, lastContactMs: null };
  return { id, matchIndex: peer.matchIndex, lastContactMs: Math.round(now - peer.lastContactMs) };
}
