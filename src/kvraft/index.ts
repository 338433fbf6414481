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
export { KvServer, type KvServerOptions } from "./kv-server.ts";
