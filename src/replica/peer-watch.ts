import type { Logger } from "../ports/index.ts";
import {
  invariant,
  type PeerView,
  type RaftConfig,
  type RaftCore,
  type RaftView,
  type ReplicaId,
} from "../raft/index.ts";

/** A leader logs a peer without contact for this many of the longest election timeouts. */
const SILENT_TIMEOUTS = 10;

export interface PeerWatchOptions {
  readonly config: RaftConfig;
  readonly logger: Logger;
  /** Returns why the last call to a peer failed, in a few words. */
  readonly failureOf: (peer: ReplicaId) => string | undefined;
}

/**
 * At the leader: logs once when a peer no longer answers and when it is back, and when its storage went back in time.
 */
export class PeerWatch {
  readonly #options: PeerWatchOptions;
  /** The peers without contact, each with the time of the last contact, in ms. */
  readonly #silent = new Map<ReplicaId, number>();
  readonly #loggedLost = new Set<ReplicaId>();
  #term = 0;
  #nextLookMs = Number.NEGATIVE_INFINITY;

  constructor(options: PeerWatchOptions) {
    this.#options = options;
  }

  /** Called after every take. Does its work once per heartbeat. */
  observe(core: Pick<RaftCore, "isLeader" | "view">, nowMs: number): void {
    if (!core.isLeader || nowMs < this.#nextLookMs) return;
    this.#nextLookMs = nowMs + this.#options.config.heartbeatMs;
    const view = core.view();
    invariant(view.currentTerm >= this.#term, "§5.1 the current term never decreases");
    if (view.currentTerm !== this.#term) {
      this.#term = view.currentTerm;
      this.#silent.clear();
      this.#loggedLost.clear();
    }
    for (const peer of view.peers) {
      this.#lookForContact(peer, nowMs);
      if (peer.lostAcknowledged) this.#logLost(view, peer);
    }
  }

  #lookForContact({ id, lastContactMs }: PeerView, nowMs: number): void {
    const silentMs = nowMs - lastContactMs;
    invariant(silentMs >= 0, "a peer answered in the past");
    const sinceMs = this.#silent.get(id);
    const { config, logger } = this.#options;
    if (sinceMs === undefined && silentMs >= SILENT_TIMEOUTS * config.electionTimeoutMaxMs) {
      this.#silent.set(id, lastContactMs);
      this.#tellDown(id, silentMs);
    } else if (sinceMs !== undefined && lastContactMs > sinceMs) {
      this.#silent.delete(id);
      const seconds = Math.round((lastContactMs - sinceMs) / 1000);
      logger.info("{peer} answers again, after {seconds} s", { event: "peer.up", peer: id, seconds });
    }
  }

  #tellDown(peer: ReplicaId, silentMs: number): void {
    const { config, logger, failureOf } = this.#options;
    const voters = config.voters.length;
    const left = voters - this.#silent.size;
    const spare = left - (Math.floor(voters / 2) + 1);
    logger.warn(
      "{peer} has not answered for {seconds} s ({reason}): {left} of {voters} voters are left, {outlook}",
      {
        event: "peer.down",
        peer,
        seconds: Math.round(silentMs / 1000),
        reason: failureOf(peer) ?? "no answer",
        left,
        voters,
        outlook:
          spare < 0
            ? "too few for writes"
            : spare === 0
              ? "one more loss stops writes"
              : `writes continue if ${spare} more are lost`,
      },
    );
  }

  #logLost(view: RaftView, { id: peer, matchIndex }: PeerView): void {
    if (this.#loggedLost.has(peer)) return;
    this.#loggedLost.add(peer);
    this.#options.logger.error(
      "{peer} lacks what it acknowledged to {id}, up to index {matchIndex}: its data was replaced by an " +
        "older copy, or its disk lost synced data. It no longer counts, and will stop",
      { event: "peer.lostAcknowledged", peer, id: view.id, matchIndex },
    );
  }
}
