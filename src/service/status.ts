import type { MalformedCommand, Soundness } from "../kvraft/index.ts";
import type { CallFailure, DiskHealth, ReplicaState } from "../ports/index.ts";
import type { RaftView, ReplicaId } from "../raft/index.ts";
import { waitingFor } from "./waiting-for.ts";

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
  /** The beginning of the cluster's uid, such as `7f3a-91c2`; null while it is not known. */
  readonly clusterUid: string | null;
  /** How many processes have started on the storage; null if that is not counted. */
  readonly starts: number | null;
  readonly role: RaftView["role"];
  readonly term: number;
  readonly leader: ReplicaId | null;
  readonly commitIndex: number;
  readonly lastApplied: number;
  readonly lastLogIndex: number;
  /** The last index that the newest snapshot covers; 0 without one. */
  readonly snapshotIndex: number;
  readonly peers: readonly PeerStatus[];
  /** Whom this replica waits for, and why they don't answer, as a sentence; null if it takes part and knows a leader. */
  readonly waitingFor: string | null;
  readonly disk: DiskStatus;
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

/** Times in ms. */
export interface DiskStatus {
  /** How long the write that is in flight has taken so far; null without one. */
  readonly writeInFlightMs: number | null;
  /** How long the last write took, its sync included; null before the first one. */
  readonly lastWriteMs: number | null;
  /** A write has been in flight for so long that the replica refuses what it could answer only after it. */
  readonly hangs: boolean;
  /** What the storage lacks space or file descriptors for, and what follows, as a sentence; null if nothing. */
  readonly shortage: string | null;
}

/** The last call to a peer that brought no reply. */
export interface FailureStatus extends Omit<CallFailure, "address"> {
  /** Where the peer was called; null if the transport finds peers by their id. */
  readonly address: string | null;
}

/** What only a leader knows is null elsewhere. */
export interface PeerStatus {
  readonly id: ReplicaId;
  readonly matchIndex: number | null;
  /** How long ago the peer last answered, in ms. */
  readonly lastContactMs: number | null;
  /** The peer lacks what it acknowledged to this leader: its storage went back in time, and it must stop. */
  readonly lostAcknowledged: boolean | null;
  /** Why the last call to it that failed did so, and how long ago, in ms; null if none did. */
  readonly lastFailure: FailureStatus | null;
  /** Why messages of a replica of this name are refused, as a sentence; null if they are not. */
  readonly refused: string | null;
}

/** @param now on the replica's clock, in ms; `startedAt` as well */
export function replicaStatus(
  info: ReplicaInfo,
  state: ReplicaState,
  { audit, malformedCommand }: Soundness,
  { now, startedAt }: { readonly now: number; readonly startedAt: number },
): ReplicaStatus {
  return {
    id: info.id,
    clusterId: info.clusterId,
    clusterUid: state.health.identity.clusterUid ?? null,
    starts: state.health.identity.starts ?? null,
    role: state.role,
    term: state.currentTerm,
    leader: state.leader ?? null,
    commitIndex: state.commitIndex,
    lastApplied: state.lastApplied,
    lastLogIndex: state.lastLogIndex,
    snapshotIndex: state.snapshot?.lastIncludedIndex ?? 0,
    peers: info.peers.map((id) => peerStatus(id, state, now)),
    waitingFor: waitingFor(state) ?? null,
    disk: diskStatus(state.health.disk),
    transport: info.transport,
    persister: info.persister,
    version: info.version,
    uptimeMs: Math.round(now - startedAt),
    audit: audit === undefined ? null : { ...audit, alarm: audit.alarm ?? null },
    malformedCommand: malformedCommand ?? null,
  };
}

function peerStatus(id: ReplicaId, { peers, health }: ReplicaState, now: number): PeerStatus {
  const peer = peers.find((candidate) => candidate.id === id);
  const failure = health.callFailures.get(id);
  return {
    id,
    matchIndex: peer?.matchIndex ?? null,
    lastContactMs: peer === undefined ? null : Math.round(now - peer.lastContactMs),
    lostAcknowledged: peer?.lostAcknowledged ?? null,
    lastFailure: failure === undefined ? null : failureStatus(failure),
    refused: health.identity.refused.get(id) ?? null,
  };
}

function failureStatus({ address, reason, agoMs, answeredSince }: CallFailure): FailureStatus {
  return { address: address ?? null, reason, agoMs: Math.round(agoMs), answeredSince };
}

function diskStatus({ writeInFlightMs, lastWriteMs, hangs, shortage }: DiskHealth): DiskStatus {
  return {
    writeInFlightMs: roundedOrNull(writeInFlightMs),
    lastWriteMs: roundedOrNull(lastWriteMs),
    hangs,
    shortage: shortage ?? null,
  };
}

function roundedOrNull(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.round(ms);
}
