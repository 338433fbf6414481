import type { Bootstrapping, RaftState, Role } from "./state.ts";
import type { ProgressMode } from "./tracker/progress.ts";
import type { LogEntry, ReplicaId, SnapshotMeta, StoredConfiguration } from "./types.ts";

/** The roles of the protocol; `bootstrapping` and `preCandidate` are additions to the paper's three. */
export type RoleName = "bootstrapping" | "follower" | "preCandidate" | "candidate" | "leader";

/** A leader's knowledge of a peer. */
export interface PeerView {
  /** The peer. */
  readonly id: ReplicaId;
  /** The highest index that the peer is known to hold durably. Never falls within a leadership. */
  readonly matchIndex: number;
  /** The next index to send: matchIndex < nextIndex ≤ lastLogIndex + 1. Unused in mode `snapshot`. */
  readonly nextIndex: number;
  /** See {@link ProgressMode}. */
  readonly mode: ProgressMode["type"];
  /** When the peer last replied, in ms of this replica's clock. */
  readonly lastContactMs: number;
  /** The peer lacks what it acknowledged in this leadership: its storage went back in time. */
  readonly lostAcknowledged: boolean;
}

/** The peers' replies so far to a replica with empty storage. */
export interface BootstrapView {
  /** The peers that have not replied in this round. */
  readonly missing: readonly ReplicaId[];
  /** The peers whose storage is empty too. */
  readonly blank: readonly ReplicaId[];
  /** The other peers that have replied in this round. */
  readonly established: readonly ReplicaId[];
  /** Of these: those whose record lists one of `blank`. So `lost` has lost its storage. */
  readonly countedBlank: readonly { readonly id: ReplicaId; readonly lost: ReplicaId }[];
}

/**
 * The state of a replica, for status, invariants and tests. `termAt` and `entries` read the log as it is at the call.
 */
export interface RaftView {
  /** This replica. */
  readonly id: ReplicaId;
  /** Its current role. */
  readonly role: RoleName;
  /** The latest term that it has seen. Never falls. */
  readonly currentTerm: number;
  /** The candidate that it voted for in this term; undefined if none. */
  readonly votedFor: ReplicaId | undefined;
  /** The leader of this term; undefined until it is known. */
  readonly leader: ReplicaId | undefined;
  /** This replica stopped leading and never campaigns again in this run. */
  readonly resigned: boolean;
  /** The highest index known to be committed. Never falls. */
  readonly commitIndex: number;
  /** The highest index handed out to the state machine. Never falls. */
  readonly lastApplied: number;
  /** The highest index that is durable in this replica's log. */
  readonly durableIndex: number;
  /** The storage refused commands for lack of space, and has not taken any since. */
  readonly storageFull: boolean;
  /** The first index in memory; lastLogIndex + 1 if there is no entry. */
  readonly firstLogIndex: number;
  /** The last index of the log; 0 if nothing was ever appended. */
  readonly lastLogIndex: number;
  /** The term of the last entry, or of the end of the snapshot. */
  readonly lastLogTerm: number;
  /** The last entry that the newest snapshot covers; undefined without one. */
  readonly snapshot: SnapshotMeta | undefined;
  /** The newest configuration in the log, committed or not (§6). Undefined if there is none. */
  readonly configuration: StoredConfiguration | undefined;
  /** While leading: the index of the no-op at the start of the leadership. */
  readonly leadershipIndex: number | undefined;
  /** While leading: what is known of each peer. Otherwise empty. */
  readonly peers: readonly PeerView[];
  /** While bootstrapping: what the peers have replied. */
  readonly bootstrap: BootstrapView | undefined;
  /** The term of the entry at an index; undefined if it is not in memory. */
  termAt(index: number): number | undefined;
  /** The entries from one index to another, both included. */
  entries(from: number, to: number): readonly LogEntry[];
}

export function viewOf(raft: RaftState): RaftView {
  const { log, durability, role } = raft;
  return {
    id: raft.id,
    role: roleNameOf(role),
    currentTerm: raft.currentTerm,
    votedFor: raft.votedFor,
    leader: raft.leader,
    resigned: raft.resigned,
    commitIndex: raft.commitIndex,
    lastApplied: raft.lastApplied,
    durableIndex: durability.durableIndex,
    storageFull: durability.isFull,
    firstLogIndex: log.firstIndex,
    lastLogIndex: log.lastIndex,
    lastLogTerm: log.lastTerm,
    snapshot: log.snapshot,
    configuration: log.configuration,
    leadershipIndex: role.type === "leader" ? role.firstIndex : undefined,
    peers: role.type === "leader" ? peerViews(role.peers) : [],
    bootstrap: role.type === "bootstrapping" ? bootstrapView(raft, role) : undefined,
    termAt: (index) => log.termAt(index),
    entries: (from, to) => log.slice(from, to),
  };
}

export function roleNameOf(role: Role): RoleName {
  return role.type === "candidate" && role.preVote ? "preCandidate" : role.type;
}

function bootstrapView({ membership }: RaftState, { answers, blankPeers }: Bootstrapping): BootstrapView {
  const isMissing = (peer: ReplicaId) => !answers.has(peer) && !blankPeers.has(peer);
  return {
    missing: membership.peers.filter(isMissing),
    blank: [...blankPeers],
    established: [...answers.keys()],
    countedBlank: [...answers].flatMap(([id, countedPeers]) =>
      countedPeers.filter((peer) => blankPeers.has(peer)).map((lost) => ({ id, lost })),
    ),
  };
}

function peerViews(
  peers: ReadonlyMap<ReplicaId, Omit<PeerView, "id" | "mode"> & { mode: ProgressMode }>,
): PeerView[] {
  return [...peers].map(([id, { matchIndex, nextIndex, mode, lastContactMs, lostAcknowledged }]) => ({
    id,
    matchIndex,
    nextIndex,
    mode: mode.type,
    lastContactMs,
    lostAcknowledged,
  }));
}
