/**
 * One write of a client, made exactly once however often it is sent.
 *
 * A session is opened by the cluster; `sequence` numbers its writes from 1. The client tells the lowest
 * sequence that it still waits for, so that the results below can be forgotten.
 */
export interface WriteTicket {
  readonly session: number;
  readonly sequence: number;
  readonly lowestPending: number;
}

export type KvRequest =
  | { readonly type: "kvOpenSession" }
  | { readonly type: "kvGet"; readonly key: Uint8Array }
  | ({ readonly type: "kvPut"; readonly key: Uint8Array; readonly value: Uint8Array } & WriteTicket)
  | ({ readonly type: "kvAppend"; readonly key: Uint8Array; readonly value: Uint8Array } & WriteTicket)
  /** Commits an empty command: whatever was acknowledged before it has been applied when it answers. */
  | { readonly type: "kvCommitSentinel" };

/** What the state machine answers to a command, the same on every replica. */
export type KvResult =
  | { readonly type: "session"; readonly session: number }
  /** No session was opened: there are as many as may be, and none of them is idle. */
  | { readonly type: "tooManySessions" }
  /** The revision is the index of the log entry that made the write; a commit sentinel gives its own. */
  | { readonly type: "written"; readonly revision: number }
  /**
   * The session, or its memory of a sequence below `lowestPending`, is gone: this attempt wrote nothing and no
   * later one under this ticket will. An earlier one may have.
   */
  | { readonly type: "sessionExpired" }
  /**
   * The sequence runs too far ahead of the session's lowest pending one, or the cluster is too busy: this attempt
   * wrote nothing, another under the same ticket may.
   */
  | { readonly type: "overloaded" }
  /**
   * The value would have grown beyond the limit: nothing was written. That is final. The session remembers the refusal
   * under the ticket, as it remembers a revision, so that whatever comes later under this ticket writes nothing either:
   * a repeat, a copy that a transport made, an entry of an earlier leader that is committed after all.
   */
  | { readonly type: "tooLarge"; readonly limitBytes: number }
  /** The command can't be decoded, on no replica: it changed nothing. No replica proposes such a command. */
  | { readonly type: "malformed"; readonly reason: string };

export type KvReply =
  | Exclude<KvResult, { type: "malformed" }>
  | { readonly type: "value"; readonly value: Uint8Array | undefined; readonly revision: number }
  /**
   * No message carries a value as large. This attempt wrote nothing; it says nothing of others, because transports may
   * differ in what they carry.
   */
  | { readonly type: "notCarried"; readonly limitBytes: number }
  /** Nothing was written; `leader` is where to ask instead, as far as this replica knows. */
  | { readonly type: "notLeader"; readonly leader: string | undefined }
  /** The command may or may not take effect. */
  | { readonly type: "unknown" };

/** Several requests in one message. None may rest on another: they are made in any order. */
export interface KvBatch {
  readonly type: "kvBatch";
  /** At least one, at most `kvLimits.batchRequests`. */
  readonly requests: readonly KvRequest[];
}

/** The replies to a batch, in the order of its requests. */
export interface KvBatchReply {
  readonly type: "kvBatch";
  /** Undefined if the message had no room left for a reply: that request is to be made again on its own. */
  readonly replies: readonly (KvReply | undefined)[];
}

/** A leader asks what a peer's state was at the index of an `audit`, and says what its own was. */
export interface KvAudit {
  readonly type: "kvAudit";
  readonly index: number;
  /** In hexadecimal digits. */
  readonly hash: string;
}

export interface KvAuditReply {
  readonly type: "kvAudit";
  /** Undefined if it is not known. */
  readonly hash: string | undefined;
  /** Whether it will be known later. */
  readonly isPending: boolean;
}

/** What a request may hold, and a batch of them. */
export const kvLimits: {
  readonly keyBytes: number;
  readonly valueBytes: number;
  readonly batchRequests: number;
} = {
  keyBytes: 4 << 10,
  valueBytes: 1 << 20,
  batchRequests: 1024,
};
