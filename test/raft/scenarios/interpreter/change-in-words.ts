import type {
  LogEntry,
  LogPosition,
  RaftView,
  ReplicaId,
  RoleName,
  WriteBatch,
} from "../../../../src/raft/index.ts";
import type { DurableImage } from "../../replica.ts";
import { positionsInWords } from "./message-in-words.ts";
import type { Weight } from "./recorder.ts";

/** The part of a replica whose changes are in the transcript. */
export interface Seen {
  readonly role: RoleName;
  readonly currentTerm: number;
  readonly leader: ReplicaId | undefined;
  readonly commitIndex: number;
  readonly log: readonly LogPosition[];
  readonly peers: RaftView["peers"];
}

export function see(view: RaftView): Seen {
  const { role, currentTerm, leader, commitIndex, peers } = view;
  const log = view.entries(view.firstLogIndex, view.lastLogIndex).map(({ index, term }) => ({ index, term }));
  return { role, currentTerm, leader, commitIndex, log, peers };
}

/** The changes between two views of a replica, one line each. */
export function changesInWords(before: Seen, now: RaftView): [Weight, string][] {
  const changes: [Weight, string][] = [];
  if (before.role !== now.role || before.currentTerm !== now.currentTerm || before.leader !== now.leader) {
    changes.push(["event", roleInWords(now, before.role)]);
  }
  const dropped = before.log.filter(({ index, term }) => {
    const stays = index < now.firstLogIndex || now.termAt(index) === term;
    return !stays;
  });
  if (dropped.length > 0) changes.push(["event", `drops ${positionsInWords(dropped)}`]);
  for (const line of progressInWords(before, now)) changes.push(["detail", line]);
  if (now.commitIndex > before.commitIndex) {
    const from = Math.max(before.commitIndex + 1, now.firstLogIndex);
    const committed = now.entries(from, now.commitIndex);
    const words = committed.length === 0 ? `up to ${now.commitIndex}` : positionsInWords(committed);
    changes.push(["event", `commits ${words}`]);
  }
  return changes;
}

export function roleInWords(now: RaftView, before?: RoleName): string {
  const { role, currentTerm: term, leader } = now;
  const isDeposed = before === "leader" && role !== "leader";
  switch (role) {
    case "bootstrapping":
      return "bootstrapping: its storage is empty";
    case "follower":
      if (leader === undefined) return `${isDeposed ? "steps down" : "follower"}, term ${term}`;
      return `${isDeposed ? "steps down, " : ""}follows ${leader}, term ${term}`;
    case "preCandidate":
      return `pre-candidate, term ${term}`;
    case "candidate":
      return `candidate, term ${term}`;
    case "leader":
      return `leads term ${term}`;
  }
}

function progressInWords(before: Seen, now: RaftView): string[] {
  if (before.role !== "leader" || before.currentTerm !== now.currentTerm) return [];
  return now.peers.flatMap((peer) => {
    const past = before.peers.find(({ id }) => id === peer.id);
    if (past === undefined) return [];
    const changes: string[] = [];
    if (past.matchIndex !== peer.matchIndex) changes.push(`matchIndex[${peer.id}] = ${peer.matchIndex}`);
    if (past.mode !== peer.mode) changes.push(`${peer.id}: ${past.mode} → ${peer.mode}`);
    return changes.length === 0 ? [] : [changes.join(", ")];
  });
}

/** The changes that a write makes on the disk. */
export function batchInWords(batch: WriteBatch, disk: DurableImage): string {
  const parts: string[] = [];
  const { hardState, truncateFrom } = batch;
  if (hardState !== undefined) {
    const { currentTerm, votedFor, countedPeers } = hardState;
    if (currentTerm !== disk.hardState.currentTerm) parts.push(`term ${currentTerm}`);
    if (
      votedFor !== undefined &&
      (votedFor !== disk.hardState.votedFor || currentTerm !== disk.hardState.currentTerm)
    ) {
      parts.push(`vote for ${votedFor}`);
    }
    const noted = countedPeers.filter((peer) => !disk.hardState.countedPeers.includes(peer));
    if (noted.length > 0) parts.push(`counts ${noted.join(", ")}`);
  }
  if (batch.entries.length > 0) parts.push(positionsInWords(batch.entries));
  const replaced =
    truncateFrom === undefined ? [] : disk.entries.filter(({ index }) => index >= truncateFrom);
  if (replaced.length > 0) {
    const how = batch.entries.length > 0 ? "in place of" : "a log without";
    parts.push(`${how} ${positionsInWords(replaced)}`);
  }
  // A term that was adopted and left again during the previous write changes nothing on the disk.
  return parts.length === 0 ? "nothing new" : parts.join(", ");
}

/** The commands of entries, without no-ops. */
export function commandsOf(entries: readonly LogEntry[]): string[] {
  return entries
    .filter(({ type }) => type === "command")
    .map(({ data }) => new TextDecoder().decode(data).trimEnd());
}
