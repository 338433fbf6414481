import type { RpcReply, RpcRequest } from "../../ports/index.ts";
import type { LogEntry } from "../../raft/index.ts";
import { n1, n2 } from "./fixture.ts";

/** A request and a reply that belongs to it. */
export interface Sample {
  readonly name: string;
  readonly request: RpcRequest;
  readonly reply: RpcReply;
}

/** All 256 bytes, so that none is taken for text. */
const binary = Uint8Array.from({ length: 256 }, (_, byte) => byte);
const empty = new Uint8Array(0);
const largest = Number.MAX_SAFE_INTEGER;

const entries: readonly LogEntry[] = [
  { type: "noop", index: 8, term: 3, data: empty },
  { type: "command", index: 9, term: 3, data: binary },
  { type: "command", index: 10, term: 4, data: empty },
];

const requestVote = {
  type: "requestVote",
  term: 4,
  candidateId: n1,
  lastLogIndex: 7,
  lastLogTerm: 3,
} as const;
const appendEntries = {
  type: "appendEntries",
  term: 4,
  leaderId: n1,
  prevLogIndex: 7,
  prevLogTerm: 3,
  leaderCommit: 6,
  round: 12,
  successor: undefined,
  mustHold: false,
} as const;
const installSnapshot = {
  type: "installSnapshot",
  term: 4,
  leaderId: n1,
  lastIncludedIndex: 2 ** 40,
  lastIncludedTerm: 3,
} as const;
const ticket = { session: 17, sequence: 5, lowestPending: 3 };
const kvGet = { type: "kvGet", key: binary } as const;
const kvPut = { type: "kvPut", key: binary, value: binary, ...ticket } as const;

export const samples: readonly Sample[] = [
  {
    name: "a vote",
    request: { ...requestVote, preVote: false },
    reply: { type: "requestVote", term: 4, voteGranted: true },
  },
  {
    name: "a pre-vote with the largest numbers",
    request: { ...requestVote, term: largest, lastLogIndex: largest, lastLogTerm: largest, preVote: true },
    reply: { type: "requestVote", term: largest, voteGranted: false },
  },
  {
    name: "a heartbeat",
    request: { ...appendEntries, entries: [] },
    reply: { type: "appendEntries", term: 4, round: 12, success: true },
  },
  {
    name: "the last heartbeat of a leader that resigned",
    request: { ...appendEntries, entries: [], successor: n2 },
    reply: { type: "appendEntries", term: 4, round: 12, success: true },
  },
  {
    name: "a heartbeat to a replica that lacks what it acknowledged",
    request: { ...appendEntries, entries: [], mustHold: true },
    reply: { type: "appendEntries", term: 4, round: 12, success: false, conflict: { index: 0, term: 0 } },
  },
  {
    name: "entries, and a conflict",
    request: { ...appendEntries, entries },
    reply: { type: "appendEntries", term: 4, round: 12, success: false, conflict: { term: 2, index: 5 } },
  },
  {
    name: "the first entry of a log, and a refusal",
    request: {
      ...appendEntries,
      prevLogIndex: 0,
      prevLogTerm: 0,
      entries: [{ type: "noop", index: 1, term: 1, data: empty }],
    },
    reply: { type: "appendEntries", term: 5, round: 12, success: false, conflict: undefined },
  },
  {
    name: "a snapshot's chunk",
    request: { ...installSnapshot, offset: 2 ** 33, data: binary, done: false },
    reply: { type: "installSnapshot", term: 4, nextOffset: 2 ** 33 + 256, installed: false },
  },
  {
    name: "a snapshot's empty last chunk",
    request: { ...installSnapshot, offset: 0, data: empty, done: true },
    reply: { type: "installSnapshot", term: 4, nextOffset: 0, installed: true },
  },
  {
    name: "a bootstrap check",
    request: { type: "bootstrapCheck", term: 0, replicaId: n1, round: 2 },
    reply: { type: "bootstrapCheck", term: 4, countedPeers: [n1, n2] },
  },
  {
    name: "a bootstrap check of a replica that is bootstrapping too",
    request: { type: "bootstrapCheck", term: 0, replicaId: n1, round: 1 },
    reply: { type: "bootstrapCheck", term: 0, countedPeers: undefined },
  },
  { name: "a session", request: { type: "kvOpenSession" }, reply: { type: "session", session: 17 } },
  { name: "a value", request: kvGet, reply: { type: "value", value: binary, revision: 9 } },
  { name: "an empty value", request: kvGet, reply: { type: "value", value: empty, revision: 9 } },
  { name: "an absent value", request: kvGet, reply: { type: "value", value: undefined, revision: 0 } },
  { name: "a value that no message carries", request: kvGet, reply: { type: "notCarried", limitBytes: 9 } },
  { name: "too many sessions", request: { type: "kvOpenSession" }, reply: { type: "tooManySessions" } },
  { name: "a put", request: kvPut, reply: { type: "written", revision: 11 } },
  {
    name: "an append of nothing to the empty key",
    request: { type: "kvAppend", key: empty, value: empty, ...ticket },
    reply: { type: "tooLarge", limitBytes: 1 << 20 },
  },
  { name: "a sentinel", request: { type: "kvCommitSentinel" }, reply: { type: "written", revision: 12 } },
  { name: "an expired session", request: kvPut, reply: { type: "sessionExpired" } },
  { name: "an overload", request: kvPut, reply: { type: "overloaded" } },
  { name: "a leader elsewhere", request: kvPut, reply: { type: "notLeader", leader: n2 } },
  { name: "a leader unknown", request: kvPut, reply: { type: "notLeader", leader: undefined } },
  { name: "an unknown outcome", request: kvPut, reply: { type: "unknown" } },
  {
    name: "a batch of gets, of which the largest found no room",
    request: { type: "kvBatch", requests: [kvGet, { type: "kvGet", key: empty }, kvGet, kvGet] },
    reply: {
      type: "kvBatch",
      replies: [
        { type: "value", value: binary, revision: largest },
        { type: "value", value: empty, revision: 9 },
        { type: "value", value: undefined, revision: 0 },
        undefined,
      ],
    },
  },
  {
    name: "a batch of writes of each type",
    request: {
      type: "kvBatch",
      requests: [
        kvPut,
        {
          type: "kvAppend",
          key: empty,
          value: binary,
          session: largest,
          sequence: largest,
          lowestPending: 0,
        },
        { type: "kvPut", key: binary, value: empty, ...ticket },
        { type: "kvOpenSession" },
        { type: "kvCommitSentinel" },
      ],
    },
    reply: {
      type: "kvBatch",
      replies: [
        { type: "written", revision: largest },
        { type: "tooLarge", limitBytes: 1 << 20 },
        { type: "sessionExpired" },
        { type: "session", session: 17 },
        { type: "unknown" },
      ],
    },
  },
  {
    name: "a batch of one, of whom another leads",
    request: { type: "kvBatch", requests: [kvPut] },
    reply: { type: "kvBatch", replies: [{ type: "notLeader", leader: n2 }] },
  },
  {
    name: "a batch that nobody leads, and an overload",
    request: { type: "kvBatch", requests: [kvPut, kvPut] },
    reply: { type: "kvBatch", replies: [{ type: "notLeader", leader: undefined }, { type: "overloaded" }] },
  },
  {
    name: "a batch of which one finds no session, and the other no message",
    request: { type: "kvBatch", requests: [{ type: "kvOpenSession" }, kvGet] },
    reply: {
      type: "kvBatch",
      replies: [{ type: "tooManySessions" }, { type: "notCarried", limitBytes: 1 << 20 }],
    },
  },
  {
    name: "an audit that was applied",
    request: { type: "kvAudit", index: largest, hash: "0123456789abcdef0123456789abcdef" },
    reply: { type: "kvAudit", hash: "fedcba9876543210fedcba9876543210", isPending: false },
  },
  {
    name: "an audit that was not applied yet",
    request: { type: "kvAudit", index: 7, hash: "0123456789abcdef0123456789abcdef" },
    reply: { type: "kvAudit", hash: undefined, isPending: true },
  },
];

/** What a test sends where it does not matter. */
export const anyRequest: Extract<RpcRequest, { type: "kvGet" }> = kvGet;
