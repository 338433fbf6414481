export { type Command, decodeCommand, encodeCommand, type WriteCommand, writeBytes } from "./command.ts";
export type { KvReply, KvRequest, KvResult, WriteTicket } from "./messages.ts";
export { KvStore, type KvStoreLimits } from "./store.ts";
export type { StoredValue } from "./value-map.ts";
