export type * from "./messages.ts";
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
