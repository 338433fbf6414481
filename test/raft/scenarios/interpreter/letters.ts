import type { RaftReply, RaftRequest, ReplicaId, SentRequest } from "../../../../src/raft/index.ts";
import type { TestReplica } from "../../replica.ts";

/** One request and what becomes of it: it ends once, by a reply or by a failure. */
export interface Call {
  /** The run of the replica that asked: after a restart nobody waits for the reply. */
  readonly caller: TestReplica;
  readonly from: ReplicaId;
  readonly to: ReplicaId;
  readonly request: RaftRequest;
  /** The object that the core handed out, as it wants it back. */
  readonly sent: SentRequest;
  ended: boolean;
}

/** A message on the wire. */
export interface Letter {
  readonly from: ReplicaId;
  readonly to: ReplicaId;
  readonly call: Call;
  /** Absent in a request. */
  readonly reply: RaftReply | undefined;
  /** A copy that the network made: the call does not depend on it. */
  readonly isCopy: boolean;
}

export const letterKinds = ["vote", "append", "heartbeat", "chunk", "question"] as const;
export type LetterKind = (typeof letterKinds)[number];

/** A reply is of the kind of its request. */
export function kindOf({ call: { request } }: Letter): LetterKind {
  switch (request.type) {
    case "requestVote":
      return "vote";
    case "appendEntries":
      return request.entries.length > 0 ? "append" : "heartbeat";
    case "installSnapshot":
      return "chunk";
    case "bootstrapCheck":
      return "question";
  }
}

/** Which of the letters on the wire a directive means. */
export interface Selection {
  readonly pick: "first" | "last" | "all";
  readonly from: readonly ReplicaId[];
  readonly to: readonly ReplicaId[];
  readonly kind: LetterKind | undefined;
}

export function select(letters: readonly Letter[], { pick, from, to, kind }: Selection): Letter[] {
  const chosen = letters.filter(
    (letter) =>
      from.includes(letter.from) && to.includes(letter.to) && (kind === undefined || kind === kindOf(letter)),
  );
  if (pick === "first") return chosen.slice(0, 1);
  return pick === "last" ? chosen.slice(-1) : chosen;
}
