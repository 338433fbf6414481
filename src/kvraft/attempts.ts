import type { KvReply } from "../kv/index.ts";
import type { ReplicaId } from "../raft/index.ts";
import type { UnavailableReason } from "./results.ts";

/** How far the patience of a request grows with a replica that does not answer: a lost message must not cost it all. */
const MAX_PATIENCE = 4;

/** The attempts at one request. */
export class Attempts {
  /**
   * Whether a write was sent before and is not known to be done. A replica that refused it has not made it, but the
   * request may come again: a transport may repeat one at any time, and by then that replica may lead.
   */
  uncertain = false;
  /** What was last heard of why there is no answer. */
  reason: UnavailableReason = "timeout";
  /** How often in a row the leader refused the request because it is too busy. */
  refusals = 0;
  /** How often in a row there was no answer for another reason, since the leadership changed. */
  failures = 0;
  /** Made when a replica is silent for the first time, which few requests see. */
  #patience: Map<ReplicaId, number> | undefined;

  /**
   * An attempt brought no answer.
   *
   * @param reply undefined if the transport failed
   */
  failed(reply: KvReply | undefined): void {
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

  /** How many times the usual patience a replica deserves: what is slow needs more of it, what is lost less. */
  patienceWith(replica: ReplicaId): number {
    return this.#patience?.get(replica) ?? 1;
  }

  /** An attempt at a replica got no answer in time. */
  silent(replica: ReplicaId): void {
    this.#patience ??= new Map();
    this.#patience.set(replica, Math.min(2 * this.patienceWith(replica), MAX_PATIENCE));
  }
}
