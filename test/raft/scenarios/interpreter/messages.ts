import type { RaftReply, RaftRequest, ReplicaId, SentRequest } from "../../../../src/raft/index.ts";
import type { TestReplica } from "../../replica.ts";

/** One request and its end: a reply or a failure. */
export interface Call {
  /** The run of the calling replica. After a restart, the reply is ignored. */
  readonly caller: TestReplica;
  readonly from: ReplicaId;
  readonly to: ReplicaId;
  readonly request: RaftRequest;
  /** The object that the core handed out and expects back. */
  readonly sent: SentRequest;
  ended: boolean;
}

/** A message on the wire. */
export interface Message {
  readonly from: ReplicaId;
  readonly to: ReplicaId;
  readonly call: Call;
  /** Undefined in a request. */
  readonly reply: RaftReply | undefined;
  /** Whether the network made this copy. The call does not depend on it. */
  readonly isCopy: boolean;
}

export const messageKinds = ["vote", "append", "heartbeat", "chunk", "check"] as const;
export type MessageKind = (typeof messageKinds)[number];

/** A reply has the kind of its request. */
export function kindOf({ call: { request } }: Message): MessageKind {
  switch (request.type) {
    case "requestVote":
      return "vote";
    case "appendEntries":
      return request.entries.length > 0 ? "append" : "heartbeat";
    case "installSnapshot":
      return "chunk";
    case "bootstrapCheck":
      return "check";
  }
}

/** Selects messages on the wire. */
export interface Selection {
  readonly pick: "first" | "last" | "all";
  readonly from: readonly ReplicaId[];
  readonly to: readonly ReplicaId[];
  readonly kind: MessageKind | undefined;
}

export function select(messages: readonly Message[], { pick, from, to, kind }: Selection): Message[] {
  const chosen = messages.filter(
    (message) =>
      from.includes(message.from) &&
      to.includes(message.to) &&
      (kind === undefined || kind === kindOf(message)),
  );
  if (pick === "first") return chosen.slice(0, 1);
  return pick === "last" ? chosen.slice(-1) : chosen;
}
