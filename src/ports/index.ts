/**
 * The contracts between a replica and the world: what to implement for a transport, a persister, a disk, a clock, a logger or
 * a tracer of your own. `ruaft/testing/conformance/*` checks an implementation.
 *
 * @module
 */
export type { Clock, Random } from "./clock.ts";
export type { DirectoryLock, Disk, DiskFile } from "./disk.ts";
export type {
  CallFailure,
  DiskHealth,
  IdentityHealth,
  ReplicaHealth,
  ReplicaState,
  SealHealth,
} from "./health.ts";
export {
  CLUSTER_UID_BYTES,
  type Introduction,
  type Introductions,
  type StorageUse,
} from "./introductions.ts";
export { type Log, type Logger, silentLogger } from "./logger.ts";
export {
  type Persister,
  PersisterError,
  type PersisterFailure,
  type SnapshotSink,
  type SnapshotSource,
  type StorageIdentity,
} from "./persister.ts";
export { type Seal, type SealedContent, TAG_BYTES } from "./seal.ts";
export type { StateMachine } from "./state-machine.ts";
export type { ReplicaStart, TracedInput, Tracer } from "./tracer.ts";
export {
  type ServiceHandler,
  type Transport,
  TransportError,
  type TransportErrorOptions,
  type TransportFailure,
} from "./transport.ts";
