/**
 * The protocol alone: one replica as a deterministic state machine without a clock, randomness or I/O. `Ready` has the
 * contract with its driver. `Raft` in `ruaft` is the driver that comes with it.
 *
 * @module
 */
export {
  checkConfig,
  defaultTuning,
  MAX_PAYLOAD_BYTES,
  MAX_VOTERS,
  type RaftConfig,
  type RaftTuning,
} from "./config.ts";
export { RaftCore } from "./core.ts";
export type { Input, PeerReply, SentRequest } from "./input.ts";
export { InvariantViolation, invariant } from "./invariant-violation.ts";
export { checkInvariants } from "./invariants.ts";
export {
  type Configuration,
  decodeConfiguration,
  encodeConfiguration,
} from "./membership/configuration.ts";
export {
  type AppendEntries,
  type AppendEntriesReply,
  type BootstrapCheck,
  type BootstrapCheckReply,
  type Conflict,
  type InstallSnapshot,
  type InstallSnapshotReply,
  type RaftReply,
  type RaftRequest,
  type RequestVote,
  type RequestVoteReply,
  senderOf,
} from "./messages.ts";
export type { ChunkToSend, Outgoing, ReadOutcome, Ready, ReceivedChunk, StorageLost } from "./ready.ts";
export type { Proposed } from "./roles/leader.ts";
export { seededRandom } from "./seeded-random.ts";
export { termRefusal } from "./terms.ts";
export type { ProgressMode } from "./tracker/progress.ts";
export {
  type EntryType,
  emptyState,
  type HardState,
  isReplicaId,
  type LogEntry,
  type LogPosition,
  type PersistedState,
  type ReplicaId,
  replicaId,
  type SnapshotMeta,
  type StoredConfiguration,
  type WriteBatch,
} from "./types.ts";
export type { BootstrapView, PeerView, RaftView, RoleName } from "./view.ts";
