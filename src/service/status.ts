import type { MalformedCommand, Soundness } from "../kvraft/index.ts";
import type { CallFailure, DiskHealth, ReplicaState, SealHealth } from "../ports/index.ts";
import type { RaftView, ReplicaId } from "../raft/index.ts";
import { waitingFor } from "./waiting-for.ts";

/** The facts of a replica that do not change while it runs. */
export interface ReplicaInfo {
  readonly id: ReplicaId;
  readonly clusterId: string;
  /** The other replicas of the cluster. */
  readonly peers: readonly ReplicaId[];
  /** Names of the implementations in use, such as `http` and `file`. */
  readonly transport: string;
  readonly persister: string;
  readonly version: string;
}

/** The response of `GET /status`. */
export interface ReplicaStatus extends Omit<ReplicaInfo, "peers"> {
  /** The start of the cluster's uid, such as `7f3a-91c2`, or null if not yet known. */
  readonly clusterUid: string | null;
  /** Number of processes that have started on the storage, or null if not counted. */
  readonly starts: number | null;
  readonly role: RaftView["role"];
  readonly term: number;
  readonly leader: ReplicaId | null;
  readonly commitIndex: number;
  readonly lastApplied: number;
  readonly lastLogIndex: number;
  /** The last index covered by the newest snapshot, 0 if there is none. */
  readonly snapshotIndex: number;
  readonly peers: readonly PeerStatus[];
  /**
   * One sentence: which peers this replica waits for, and why they do not answer. Null if it takes part and knows a
   * leader.
   */
  readonly waitingFor: string | null;
  readonly disk: DiskStatus;
  /** How messages between replicas are sealed, or null if they are not. */
  readonly seal: SealStatus | null;
  readonly uptimeMs: number;
  /** The newest comparison of this replica's data with others' by a hash, or null before the first. */
  readonly audit: AuditReport | null;
  /** The last command of the log that could not be decoded, or null. It changed nothing on any replica. */
  readonly malformedCommand: MalformedCommand | null;
  /** The certificate in use, or null if this replica serves plain HTTP. */
  readonly tls: TlsStatus | null;
}

/** The certificate of a replica. */
export interface TlsStatus {
  /** The end of its validity, such as `2027-12-31T00:00:00.000Z`. */
  readonly expires: string;
  /** Whole days until then, negative after it. */
  readonly daysLeft: number;
  /** SHA-256, in hex with colons. */
  readonly fingerprint: string;
}

/** What a replica knows of itself besides the state of its Raft. */
export interface OwnStatus {
  /** Time on the replica's clock, in ms. */
  readonly now: number;
  /** Time of its start on that clock, in ms. */
  readonly startedAt: number;
  readonly tls: TlsStatus | undefined;
}

export interface AuditReport {
  /** The index at which the data was compared. */
  readonly index: number;
  readonly hash: string;
  /** By replica: whether its data had the same hash. A leader lists all peers that answered, others list the leader. */
  readonly agrees: Readonly<Record<string, boolean>>;
  /** The last difference found since this replica started, as a sentence, or null. */
  readonly alarm: string | null;
}

/** The numbers of messages are those since the replica's start. */
export interface SealStatus {
  /** The number of the key that seals. Replicas with the same secret have the same. */
  readonly keyNumber: number;
  /** Whether the messages that this replica sends are encrypted too. */
  readonly isEncrypted: boolean;
  /** The number of messages without a seal that were taken. */
  readonly unsealed: number;
  /** The number of messages that were refused for their seal. */
  readonly refused: number;
}

/** Times in ms. */
export interface DiskStatus {
  /** Time that the current write has taken so far, or null if none is in flight. */
  readonly writeInFlightMs: number | null;
  /** Time that the last write took with its sync, or null before the first. */
  readonly lastWriteMs: number | null;
  /** Whether the current write has taken so long that the replica refuses requests that depend on it. */
  readonly hangs: boolean;
  /** What the storage lacks (space or file descriptors) and the consequence, as a sentence, or null. */
  readonly shortage: string | null;
}

/** The last failed call to a peer. */
export interface FailureStatus extends Omit<CallFailure, "address"> {
  /** The address that was called, or null if the transport finds peers by their id. */
  readonly address: string | null;
}

/** Fields that only a leader knows are null on other replicas. */
export interface PeerStatus {
  readonly id: ReplicaId;
  readonly matchIndex: number | null;
  /** Time in ms since the peer last answered. */
  readonly lastContactMs: number | null;
  /**
   * Whether the peer lacks entries that it acknowledged to this leader: it runs on an older copy of its storage and
   * must stop.
   */
  readonly lostAcknowledged: boolean | null;
  /** The last failed call to the peer, with its age in ms, or null if none failed. */
  readonly lastFailure: FailureStatus | null;
  /** Why messages of a replica with this name are refused, as a sentence, or null if they are accepted. */
  readonly refused: string | null;
}

export function replicaStatus(
  info: ReplicaInfo,
  state: ReplicaState,
  { audit, malformedCommand }: Soundness,
  { now, startedAt, tls }: OwnStatus,
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
    seal: sealStatus(state.health.sealing),
    transport: info.transport,
    persister: info.persister,
    version: info.version,
    uptimeMs: Math.round(now - startedAt),
    audit: audit === undefined ? null : { ...audit, alarm: audit.alarm ?? null },
    malformedCommand: malformedCommand ?? null,
    tls: tls ?? null,
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

/** The high bit of a key's number says that the content is encrypted. */
const ENCRYPTED = 0x80;

function sealStatus(health: SealHealth | undefined): SealStatus | null {
  if (health === undefined) return null;
  const { keyNumber, unsealed, refused } = health;
  return {
    keyNumber: keyNumber & ~ENCRYPTED,
    isEncrypted: (keyNumber & ENCRYPTED) !== 0,
    unsealed,
    refused,
  };
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
