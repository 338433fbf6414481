import type { AppendEntries, RaftRequest } from "../raft/index.ts";
import { decodeRaftRequest, encodeRaftRequest } from "./raft-codec.ts";
import { isSame } from "./same-bytes.ts";

/**
 * Encodes and decodes requests, and keeps the last heartbeat with its bytes. The heartbeats of an idle leader are all
 * the same, to all its peers, so they are encoded once, and decoded once at each peer.
 */
export class LastHeartbeat {
  #heartbeat: AppendEntries | undefined;
  #bytes: Uint8Array = new Uint8Array();

  /** Like `encodeRaftRequest`. The bytes may be those of an earlier call, so they must not be changed. */
  encode(request: RaftRequest): Uint8Array {
    if (!isHeartbeat(request)) return encodeRaftRequest(request);
    if (this.#heartbeat === undefined || !isSameHeartbeat(request, this.#heartbeat)) {
      this.#bytes = encodeRaftRequest(request);
      this.#heartbeat = request;
    }
    return this.#bytes;
  }

  /** Like `decodeRaftRequest`. The request may be that of an earlier call. */
  decode(bytes: Uint8Array): RaftRequest {
    if (this.#heartbeat !== undefined && isSame(bytes, this.#bytes)) return this.#heartbeat;
    const request = decodeRaftRequest(bytes);
    if (isHeartbeat(request)) {
      // A copy: the bytes may be part of a larger buffer, which the transport uses again.
      this.#bytes = bytes.slice();
      this.#heartbeat = request;
    }
    return request;
  }
}

function isHeartbeat(request: RaftRequest): request is AppendEntries {
  return request.type === "appendEntries" && request.entries.length === 0;
}

function isSameHeartbeat(one: AppendEntries, other: AppendEntries): boolean {
  return (
    one.term === other.term &&
    one.leaderId === other.leaderId &&
    one.prevLogIndex === other.prevLogIndex &&
    one.prevLogTerm === other.prevLogTerm &&
    one.leaderCommit === other.leaderCommit &&
    one.round === other.round &&
    one.successor === other.successor &&
    one.mustHold === other.mustHold
  );
}
