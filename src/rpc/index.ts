export type { Exchange, OutgoingCall } from "./call-client.ts";
export type { EncodedAnswer } from "./call-server.ts";
export { decodePlain, encodePlain } from "./cbor.ts";
export { Endpoint, type EndpointOptions } from "./endpoint.ts";
export {
  type Answer,
  type AnswerStatus,
  type Call,
  type CallHeader,
  decodeAnswer,
  decodeCall,
  decodeHeader,
  encodeAnswer,
  encodeCall,
  encodeHeader,
  GROUP,
} from "./envelope.ts";
export { rpcLimits } from "./limits.ts";
export { MalformedMessage } from "./malformed-message.ts";
export { ByteParts, type Plain } from "./plain.ts";
export {
  decodeRaftReply,
  decodeRaftRequest,
  encodeRaftReply,
  encodeRaftRequest,
} from "./raft-codec.ts";
export { type RaftReplyTo, type RaftService, raftService, raftServiceName } from "./raft-service.ts";
export { readReply } from "./read-reply.ts";
export { isAnswerStatus, type ReadBody, type RpcRoutesOptions, rpcContentType, rpcRoutes } from "./routes.ts";
