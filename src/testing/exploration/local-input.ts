import type { RaftReply, RaftRequest } from "../../raft/index.ts";

/** Replicas go by their number within the cluster, from 0. */
export type ReplicaNumber = number;

/** What one replica takes in. */
export type LocalInput =
  /** An election timeout passed, and a quorum granted a pre-vote. */
  | { readonly type: "campaign" }
  /** The heartbeat timer fires. */
  | { readonly type: "heartbeat" }
  /** The shortest election timeout passes without a word of the leader. */
  | { readonly type: "silence" }
  /** The write under way is durable. */
  | { readonly type: "write" }
  | { readonly type: "propose"; readonly command: string }
  /** The write under way never happened; the replica starts again from its disk. */
  | { readonly type: "crash" }
  | { readonly type: "request"; readonly from: ReplicaNumber; readonly request: RaftRequest }
  /** `call` counts the requests of this life to that peer, from 0. */
  | { readonly type: "reply"; readonly from: ReplicaNumber; readonly call: number; readonly reply: RaftReply }
  | { readonly type: "failed"; readonly to: ReplicaNumber; readonly call: number };

/** A message, or a call that waits for its reply at the replica that was asked. */
export type Token =
  | {
      readonly type: "request";
      readonly from: ReplicaNumber;
      readonly to: ReplicaNumber;
      /** Undefined if nobody waits for the reply any more. */
      readonly call: number | undefined;
      readonly request: RaftRequest;
    }
  | {
      readonly type: "reply";
      readonly from: ReplicaNumber;
      readonly to: ReplicaNumber;
      readonly call: number;
      /** The term that the request was sent in. */
      readonly askedTerm: number;
      readonly reply: RaftReply;
    }
  | {
      readonly type: "waiting";
      /** Who asked, and who was asked. */
      readonly from: ReplicaNumber;
      readonly to: ReplicaNumber;
      readonly call: number;
      readonly askedTerm: number;
      /** Which of the requests that wait there, from 0. */
      readonly position: number;
    };
