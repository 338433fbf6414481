/**
 * Raft for TypeScript: one replica of a cluster, and its parts.
 *
 * | entry point | for |
 * | --- | --- |
 * | `ruaft` | a replica with a state machine of your own |
 * | `ruaft/kvraft` | the replicated key-value store |
 * | `ruaft/durio` | a replica of the store with its HTTP service, in your program |
 * | `ruaft/transports/http`, `ruaft/transports/nats`, `ruaft/transports/loopback` | transports between replicas |
 * | `ruaft/adapters/file`, `ruaft/adapters/bun-sqlite`, `ruaft/adapters/memory` | persisters |
 * | `ruaft/adapters/seal` | the seal that proves that messages come from holders of a cluster's secret |
 * | `ruaft/ports` | the contracts of transports, persisters and the other ports, to implement your own |
 * | `ruaft/rpc` | the envelope of messages and the codecs of payloads, for authors of transports and services |
 * | `ruaft/core` | the protocol alone, without I/O |
 * | `ruaft/record` | records of a replica's inputs, and their replay |
 * | `ruaft/testing/simulator` | clusters under faults, in virtual time |
 * | `ruaft/testing/linearizability` | an exact checker for histories |
 * | `ruaft/testing/conformance/transport`, `ruaft/testing/conformance/persister` | conformance suites for your own implementations |
 * | `ruaft/testing/abstract-raft`, `ruaft/testing/exploration` | a specification, and all runs of a small cluster |
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
  type Seal,
  type SealedContent,
  type SealHealth,
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
