export {
  checkConfig,
  defaultTuning,
  MAX_PAYLOAD_BYTES,
  MAX_VOTERS,
  type RaftConfig,
  type RaftTuning,
} from "./config.ts";
export { RaftCore } from "./core.ts";
export type { Input, SentRequest } from "./input.ts";
export { InvariantViolation, invariant } from "./invariant-violation.ts";
export { checkInvariants } from "./invariants.ts";
export type * from "./messages.ts";
export { senderOf } from "./messages.ts";
export type { ChunkToSend, Outgoing, ReadOutcome, Ready, ReceivedChunk, StorageLost } from "./ready.ts";
export type { Proposed } from "./roles/leader.ts";
export { seededRandom } from "./seeded-random.ts";
export { MAX_TERM, MAX_TERM_LEAD, termRefusal } from "./terms.ts";
export {
  emptyState,
  type HardState,
  isReplicaId,
  type LogEntry,
  type LogPosition,
  type PersistedState,
  type ReplicaId,
  replicaId,
  type SnapshotMeta,
  type WriteBatch,
} from "./types.ts";
export type { BootstrapView, PeerView, RaftView, RoleName } from "./view.ts";
