export type { MalformedCommand } from "./audited-store.ts";
export type { AuditStatus } from "./auditor.ts";
export { type CallOptions, Clerk, type ClerkOptions } from "./clerk.ts";
export { Forwarder, type ForwarderOptions } from "./forwarder.ts";
export { KvServer, type KvServerOptions, type ServerClerkOptions, type Soundness } from "./kv-server.ts";
export type { KvCall } from "./leader-calls.ts";
export type { Leadership } from "./leadership.ts";
export type { ReadResult, Unavailable, UnavailableReason, WriteResult } from "./results.ts";
