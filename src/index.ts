/**
 * Raft for TypeScript: one replica of a cluster, and what it is made from.
 *
 * `ruaft/ports` has the contracts of a transport and a persister in full, `ruaft/core` the protocol alone.
 *
 * @module
 */
export {
  type CallFailure,
  type Clock,
  type DiskHealth,
  type IdentityHealth,
  type Log,
  type Logger,
  type Persister,
  PersisterError,
  type PersisterFailure,
  type Random,
  type ReplicaHealth,
  type ReplicaState,
  type StateMachine,
  silentLogger,
  type Tracer,
  type Transport,
  TransportError,
  type TransportErrorOptions,
  type TransportFailure,
} from "./ports/index.ts";
export {
  type BootstrapView,
  defaultTuning,
  InvariantViolation,
  isReplicaId,
  type LogEntry,
  type LogPosition,
  type PeerView,
  type ProgressMode,
  type RaftTuning,
  type RaftView,
  type ReplicaId,
  type RoleName,
  replicaId,
  type SnapshotMeta,
} from "./raft/index.ts";
export {
  type Authority,
  type LeadershipChange,
  type ProposeOutcome,
  Raft,
  type RaftOptions,
  systemClock,
  type WaitOptions,
} from "./replica/index.ts";
