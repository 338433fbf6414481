export type { MalformedCommand } from "./audited-store.ts";
export type { AuditStatus } from "./auditor.ts";
export {
  type CallOptions,
  Clerk,
  type ClerkOptions,
  type KvCall,
  type ReadResult,
  type Unavailable,
  type WriteResult,
} from "./clerk.ts";
export { Forwarder, type ForwarderOptions } from "./forwarder.ts";
export { KvServer, type KvServerOptions, type ServerClerkOptions, type Soundness } from "./kv-server.ts";
export type { Leadership } from "./leadership.ts";
