import {
  type AppendEntries,
  emptyState,
  type InstallSnapshot,
  type LogEntry,
  type LogPosition,
  type PersistedState,
  type ReplicaId,
  type RequestVote,
  replicaId,
  type SnapshotMeta,
} from "../../src/raft/index.ts";

/** Short notations for a core's inputs. A position is written `index@term`. */

export const n1: ReplicaId = replicaId("n1");
export const n2: ReplicaId = replicaId("n2");
export const n3: ReplicaId = replicaId("n3");

export function position(text: string): LogPosition {
  const [index, term] = text.split("@").map(Number);
  if (index === undefined || term === undefined) throw new Error(`no position: ${text}`);
  return { index, term };
}

/** Commands at the positions given; each holds its own position as text. */
export function entries(text: string): LogEntry[] {
  const positions = text.split(" ").filter((word) => word !== "");
  return positions.map((word) => ({
    ...position(word),
    type: "command",
    data: new TextEncoder().encode(word),
  }));
}

export function stateOf(
  state: { term?: number; votedFor?: ReplicaId; log?: string; prev?: string; snapshot?: SnapshotMeta } = {},
): PersistedState {
  const { term: currentTerm = 1, votedFor, log = "", prev = "0@0", snapshot } = state;
  return {
    ...emptyState,
    hardState: { currentTerm, votedFor, countedPeers: [n2, n3] },
    snapshot,
    prevLogIndex: position(prev).index,
    prevLogTerm: position(prev).term,
    entries: entries(log),
  };
}

/** A state whose newest snapshot ends at a position, with a log behind it. */
export function compactedState(at: string, log: string, term: number): PersistedState {
  const { index: lastIncludedIndex, term: lastIncludedTerm } = position(at);
  return stateOf({ term, log, prev: at, snapshot: { lastIncludedIndex, lastIncludedTerm } });
}

export function requestVote(
  candidateId: ReplicaId,
  { term, last = "0@0", preVote = false }: { term: number; last?: string; preVote?: boolean },
): RequestVote {
  const { index: lastLogIndex, term: lastLogTerm } = position(last);
  return { type: "requestVote", term, candidateId, lastLogIndex, lastLogTerm, preVote };
}

export function appendEntries(
  leaderId: ReplicaId,
  message: {
    term: number;
    prev?: string;
    entries?: string;
    leaderCommit?: number;
    round?: number;
    successor?: ReplicaId;
    mustHold?: boolean;
  },
): AppendEntries {
  const { term, prev = "0@0", leaderCommit = 0, round = 0, successor, mustHold = false } = message;
  const { index: prevLogIndex, term: prevLogTerm } = position(prev);
  return {
    type: "appendEntries",
    term,
    leaderId,
    prevLogIndex,
    prevLogTerm,
    entries: entries(message.entries ?? ""),
    leaderCommit,
    round,
    successor,
    mustHold,
  };
}

/** One chunk of a snapshot; `bytes` are its text. */
export function installSnapshot(
  leaderId: ReplicaId,
  chunk: { term: number; last: string; offset?: number; bytes: string; done?: boolean },
): InstallSnapshot {
  const { term, offset = 0, bytes, done = false } = chunk;
  const { index: lastIncludedIndex, term: lastIncludedTerm } = position(chunk.last);
  const data = new TextEncoder().encode(bytes);
  return {
    type: "installSnapshot",
    term,
    leaderId,
    lastIncludedIndex,
    lastIncludedTerm,
    offset,
    data,
    done,
  };
}
