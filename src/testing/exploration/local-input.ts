import type { RaftReply, RaftRequest } from "../../raft/index.ts";

/** The number of a replica in the cluster, from 0. */
export type ReplicaNumber = number;

/** An input of one replica. */
export type LocalInput =
  /** An election timeout passed, and a quorum granted a pre-vote. */
  | { readonly type: "campaign" }
  /** The heartbeat timer fires. */
  | { readonly type: "heartbeat" }
  /** The shortest election timeout passes without contact with the leader. */
  | { readonly type: "silence" }
  /** The write in flight becomes durable. */
  | { readonly type: "write" }
  | { readonly type: "propose"; readonly command: string }
  /** The write in flight is lost, and the replica restarts from its disk. */
  | { readonly type: "crash" }
  | { readonly type: "request"; readonly from: ReplicaNumber; readonly request: RaftRequest }
  /** `call` counts the requests of this run to that peer, from 0. */
  | { readonly type: "reply"; readonly from: ReplicaNumber; readonly call: number; readonly reply: RaftReply }
  | { readonly type: "failed"; readonly to: ReplicaNumber; readonly call: number };

/** A message, or a call that waits for a reply at the called replica. */
export type InFlight =
  | {
      readonly type: "request";
      readonly from: ReplicaNumber;
      readonly to: ReplicaNumber;
      /** Undefined if the caller no longer waits for the reply. */
      readonly call: number | undefined;
      readonly request: RaftRequest;
    }
  | {
      readonly type: "reply";
      readonly from: ReplicaNumber;
      readonly to: ReplicaNumber;
      readonly call: number;
      /** The term in which the request was sent. */
      readonly askedTerm: number;
      readonly reply: RaftReply;
    }
  | {
      readonly type: "waiting";
      /** The caller and the called replica. */
      readonly from: ReplicaNumber;
      readonly to: ReplicaNumber;
      readonly call: number;
      readonly askedTerm: number;
      /** The position among the requests that wait there, from 0. */
      readonly position: number;
    };
