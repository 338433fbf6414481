export type { KvReply, KvRequest, KvResult, WriteTicket } from "./messages.ts";
