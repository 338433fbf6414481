import { type LogEntry, type RaftReply, type RaftRequest, replicaId } from "../../src/raft/index.ts";

const n1 = replicaId("n1");
const n2 = replicaId("n2");

/** A request and a reply that belongs to it. */
export interface RaftSample {
  readonly name: string;
  readonly request: RaftRequest;
  readonly reply: RaftReply;
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
export const raftSamples: readonly RaftSample[] = [
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
      entries: [{ type: "configuration", index: 1, term: 1, data: binary }],
    },
    reply: { type: "appendEntries", term: 5, round: 12, success: false, conflict: undefined },
  },
  {
    name: "a snapshot's chunk",
    request: { ...installSnapshot, offset: 2 ** 33, data: binary, done: false },
    reply: { type: "installSnapshot", term: 4, nextOffset: 2 ** 33 + 256, installed: false },
  },
  {
    name: "a snapshot's chunk with a configuration",
    request: {
      ...installSnapshot,
      configuration: { index: 1, data: binary },
      offset: 2 ** 33,
      data: binary,
      done: false,
    },
    reply: { type: "installSnapshot", term: 4, nextOffset: 2 ** 33 + 256, installed: false },
  },
  {
    name: "a snapshot's empty last chunk",
    request: { ...installSnapshot, offset: 0, data: empty, done: true },
    reply: { type: "installSnapshot", term: 4, nextOffset: 0, installed: true },
  },
  {
    name: "the check of an empty replica",
    request: { type: "bootstrapCheck", term: 0, replicaId: n1, round: 2 },
    reply: { type: "bootstrapCheck", term: 4, countedPeers: [n1, n2] },
  },
  {
    name: "the check of an empty replica by another empty one",
    request: { type: "bootstrapCheck", term: 0, replicaId: n1, round: 1 },
    reply: { type: "bootstrapCheck", term: 0, countedPeers: undefined },
  },
];
