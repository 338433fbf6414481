export { type Addressee, type Answer, type AnswerStatus, answer } from "./answer.ts";
export { isRequestType, requestTypes } from "./contract.ts";
export {
  decodeAnswer,
  decodeCall,
  encodeAnswer,
  encodeCall,
  type RpcAnswer,
  type RpcCall,
} from "./envelope.ts";
export { rpcLimits } from "./limits.ts";
export { MalformedMessage } from "./malformed-message.ts";
export { type Exchange, OutgoingCalls } from "./outgoing-calls.ts";
export { isAnswerStatus, type ReadBody, type RpcRoutesOptions, rpcContentType, rpcRoutes } from "./routes.ts";
