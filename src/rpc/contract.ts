import * as v from "valibot";
import type { KvAudit, KvAuditReply, KvBatch, KvReply, KvRequest } from "../kv/index.ts";
import type { RpcReply, RpcRequest } from "../ports/index.ts";
import { MAX_VOTERS, type RaftReply, type RaftRequest } from "../raft/index.ts";
import { appendEntries, appendEntriesReply } from "./append-entries.ts";
import { bytes, checkTerm, count, flag, hash, id, ids } from "./fields.ts";
import { kvBatch, kvBatchReply } from "./kv-batch.ts";
import { rpcLimits } from "./limits.ts";
import { checked, record, type Shape } from "./shape.ts";

/** One row per message, named by its type: that name is its tag on the wire, and of a request also its route. */
type Shapes<Message extends { readonly type: string }> = {
  readonly [Type in Message["type"]]: Shape<Extract<Message, { readonly type: Type }>>;
};

const key = bytes(rpcLimits.keyBytes);
const value = bytes(rpcLimits.valueBytes);
/** A stored value may have grown by appends; a snapshot's chunk is as large as the leader's config says. */
const anyBytes = bytes(rpcLimits.messageBytes);
const ticket = { session: count, sequence: count, lowestPending: count };

const raftRequests: Shapes<RaftRequest> = {
  requestVote: checked(
    record("requestVote", {
      term: count,
      candidateId: id,
      lastLogIndex: count,
      lastLogTerm: count,
      preVote: flag,
    }),
    ({ term, lastLogTerm }) => checkTerm("requestVote.lastLogTerm", lastLogTerm, term),
  ),
  appendEntries,
  installSnapshot: checked(
    record("installSnapshot", {
      term: count,
      leaderId: id,
      lastIncludedIndex: count,
      lastIncludedTerm: count,
      offset: count,
      data: anyBytes,
      done: flag,
    }),
    ({ term, lastIncludedTerm }) => checkTerm("installSnapshot.lastIncludedTerm", lastIncludedTerm, term),
  ),
  bootstrapCheck: record("bootstrapCheck", { term: count, replicaId: id, round: count }),
};

const kvRequests: Shapes<KvRequest | KvBatch | KvAudit> = {
  kvOpenSession: record("kvOpenSession", {}),
  kvGet: record("kvGet", { key }),
  kvPut: record("kvPut", { key, value, ...ticket }),
  kvAppend: record("kvAppend", { key, value, ...ticket }),
  kvCommitSentinel: record("kvCommitSentinel", {}),
  kvBatch,
  kvAudit: record("kvAudit", { index: count, hash }),
};

const raftReplies: Shapes<RaftReply> = {
  requestVote: record("requestVote", { term: count, voteGranted: flag }),
  appendEntries: appendEntriesReply,
  installSnapshot: record("installSnapshot", { term: count, nextOffset: count, installed: flag }),
  bootstrapCheck: record("bootstrapCheck", { term: count, countedPeers: v.optional(ids(MAX_VOTERS)) }),
};

const kvReplies: Shapes<KvReply> = {
  session: record("session", { session: count }),
  written: record("written", { revision: count }),
  tooManySessions: record("tooManySessions", {}),
  sessionExpired: record("sessionExpired", {}),
  overloaded: record("overloaded", {}),
  value: record("value", { value: v.optional(anyBytes), revision: count }),
  tooLarge: record("tooLarge", { limitBytes: count }),
  notCarried: record("notCarried", { limitBytes: count }),
  notLeader: record("notLeader", { leader: v.optional(id) }),
  unknown: record("unknown", {}),
};

export const requestShapes: Shapes<RpcRequest> = { ...raftRequests, ...kvRequests };
const kvAuditReply: Shape<KvAuditReply> = record("kvAudit", { hash: v.optional(hash), isPending: flag });

export const replyShapes: Shapes<RpcReply> = {
  ...raftReplies,
  ...kvReplies,
  kvBatch: kvBatchReply,
  kvAudit: kvAuditReply,
};

/** All types of requests that there are. */
export const requestTypes: readonly RpcRequest["type"][] = Object.keys(requestShapes) as RpcRequest["type"][];

export function isRequestType(name: unknown): name is RpcRequest["type"] {
  return typeof name === "string" && Object.hasOwn(requestShapes, name);
}

export function isReplyType(name: unknown): name is RpcReply["type"] {
  return typeof name === "string" && Object.hasOwn(replyShapes, name);
}

/** Which of the two services a request asks. */
export function isRaftRequest(request: RpcRequest): request is RaftRequest {
  return Object.hasOwn(raftRequests, request.type);
}

/** Whether a reply is of the kind that a request asks for: Raft's bear the request's name, the store's one of its own. */
export function isReplyTo(request: RpcRequest, reply: RpcReply): boolean {
  if (isRaftRequest(request)) return reply.type === request.type;
  if (request.type === "kvAudit") return reply.type === "kvAudit";
  if (request.type !== "kvBatch") return Object.hasOwn(kvReplies, reply.type);
  return reply.type === "kvBatch" && reply.replies.length === request.requests.length;
}
