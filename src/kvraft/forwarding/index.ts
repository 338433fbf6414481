export { decodeReplies, type KvReplies } from "./batch-codec.ts";
export { Forwarder, type ForwarderOptions } from "./forwarder.ts";
export { kvService, kvServiceName } from "./kv-service.ts";
export { ReplyRoom } from "./reply-room.ts";
