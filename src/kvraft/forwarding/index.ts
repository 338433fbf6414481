export { decodeReplies, decodeRequests, encodeRequests, type KvReplies } from "./batch-codec.ts";
export { Forwarder, type ForwarderOptions } from "./forwarder.ts";
export { kvService, kvServiceName } from "./kv-service.ts";
export { ReplyBudget } from "./reply-budget.ts";
