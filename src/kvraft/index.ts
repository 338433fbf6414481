/**
 * The replicated key-value store: its replicas (`KvServer`), and clients of it (`Clerk`).
 *
 * @module
 */
export type {
  KvReply,
  KvRequest,
  KvResult,
  KvStoreLimits,
  Registration,
  RegistryEntry,
  RegistryEvent,
  WriteTicket,
} from "../kv/index.ts";
export type { RegistryView } from "./applied-registry.ts";
export type { MalformedCommand } from "./audited-store.ts";
export type { AuditStatus } from "./auditor.ts";
export { type CallOptions, Clerk, type ClerkOptions, type RegisterOptions } from "./clerk.ts";
export { Forwarder, type ForwarderOptions } from "./forwarding/index.ts";
export { KvServer, type KvServerOptions, type ServerClerkOptions, type Soundness } from "./kv-server.ts";
export type { KvCall } from "./leader-calls.ts";
export type { Leadership } from "./leadership.ts";
export type { ReadResult, RegisterResult, Unavailable, UnavailableReason, WriteResult } from "./results.ts";
export type { KvWrite, LocalStore, Receiver, ReplyWait } from "./short-calls.ts";
