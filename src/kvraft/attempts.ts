import type { KvReply } from "../kv/index.ts";
import { invariant, type ReplicaId } from "../raft/index.ts";
import type { UnavailableReason } from "./results.ts";

/** Limit of the factor by which attempt timeouts grow, so that one lost message can't use up the whole request timeout. */
const MAX_PATIENCE = 4;

/** State of the attempts at one request. */
export class Attempts {
  /**
   * Whether the write was sent before and may still take effect. Even a replica that refused it may receive it again,
   * because a transport may repeat a request at any time. By then that replica may lead.
   */
  uncertain = false;
  /** The last known reason why there is no reply. */
  reason: UnavailableReason = "timeout";
  /** Number of successive attempts that the leader refused as overloaded. */
  refusals = 0;
  /** Number of successive attempts that failed for another reason, since the leadership changed. */
  failures = 0;
  /** Factors by replica. Created at the first timeout, because most requests have none. */
  #patience: Map<ReplicaId, number> | undefined;

  /**
   * An attempt failed.
   *
   * @param reply undefined if the transport failed
   */
  failed(reply: KvReply | undefined): void {
    invariant(this.refusals === 0 || this.failures === 0, "either refusals or failures are in succession");
    this.uncertain = true;
    if (reply?.type === "overloaded") {
      this.refusals++;
      this.failures = 0;
      this.reason = "overloaded";
      return;
    }
    this.refusals = 0;
    this.failures++;
    if (reply?.type === "notLeader") this.reason = "noLeader";
    if (reply?.type === "unknown") this.reason = "timeout";
  }

  /** The factor for the timeout of the next attempt at a replica: it grows with each attempt that timed out there. */
  patienceWith(replica: ReplicaId): number {
    return this.#patience?.get(replica) ?? 1;
  }

  /** An attempt at a replica timed out. */
  timedOut(replica: ReplicaId): void {
    this.#patience ??= new Map();
    this.#patience.set(replica, Math.min(2 * this.patienceWith(replica), MAX_PATIENCE));
  }
}
