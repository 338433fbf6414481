/**
 * What all transports have in common: the envelope of a message (`Endpoint`), the routes of HTTP, and codecs for payloads. For
 * authors of transports, and of services over a transport.
 *
 * @module
 */
export type { OutgoingCall, RoundTrip } from "./call-client.ts";
export type { Arrival, EncodedReply } from "./call-server.ts";
export { decodeWireValue, encodeWireValue } from "./cbor.ts";
export { Endpoint, type EndpointOptions } from "./endpoint.ts";
export {
  type Call,
  type CallHeader,
  decodeCall,
  decodeHeader,
  decodeReply,
  encodeCall,
  encodeHeader,
  encodeReply,
  GROUP,
  type Reply,
  type ReplyStatus,
} from "./envelope.ts";
export { rpcLimits } from "./limits.ts";
export { MalformedMessage } from "./malformed-message.ts";
export type { Presence, PresenceQuestion } from "./presence.ts";
export {
  decodeRaftReply,
  decodeRaftRequest,
  encodeRaftReply,
  encodeRaftRequest,
} from "./raft-codec.ts";
export { type RaftReplyTo, type RaftService, raftService, raftServiceName } from "./raft-service.ts";
export { decodeReplyPayload } from "./reply-payload.ts";
export { isReplyStatus, type ReadBody, type RpcRoutesOptions, rpcContentType, rpcRoutes } from "./routes.ts";
export {
  encodeSealHead,
  HEAD_BYTES,
  joinSealed,
  type RefusedMessage,
  SEAL_BYTES,
  type SealedFrame,
  type SealedKind,
  type SealHead,
  type SealOptions,
  type SealRefusal,
  splitSealed,
} from "./sealed/index.ts";
export { ByteParts, type WireValue } from "./wire-value.ts";
