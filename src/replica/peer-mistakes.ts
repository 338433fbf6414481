import type { Clock, Logger } from "../ports/index.ts";
import type { ReplicaId } from "../raft/index.ts";

/** Shortest time between two warnings about a peer, in ms, because different processes may answer at one address. */
const QUIET_MS = 10_000;

interface Reported {
  readonly mistake: string;
  readonly atMs: number;
  /** The peer has replied since. */
  over: boolean;
}

export interface PeerMistakesOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** The address of a peer, such as `http://10.0.0.2:9006`. */
  readonly addressOf: (peer: ReplicaId) => string | undefined;
}

/**
 * Logs a peer once if only a person can help: a wrong address, another cluster, another version. Logs when that
 * changes.
 */
export class PeerMistakes {
  readonly #options: PeerMistakesOptions;
  /** The last warning about each peer. */
  readonly #reported = new Map<ReplicaId, Reported>();

  constructor(options: PeerMistakesOptions) {
    this.#options = options;
  }

  /** @param mistake what is wrong, in a few words; undefined if the failure may be temporary */
  failed(peer: ReplicaId, mistake: string | undefined): void {
    if (mistake === undefined) return;
    const { clock, logger, addressOf } = this.#options;
    const atMs = clock.now();
    const last = this.#reported.get(peer);
    if (last !== undefined && !last.over && last.mistake === mistake) return;
    if (last !== undefined && atMs - last.atMs < QUIET_MS) return;
    this.#reported.set(peer, { mistake, atMs, over: false });
    const address = addressOf(peer);
    const where = address === undefined ? "" : ` at ${address}`;
    logger.warn("{peer} can't be reached{where}: {mistake}", {
      event: "peer.mistake",
      peer,
      where,
      mistake,
    });
  }

  /** The peer replied. */
  answered(peer: ReplicaId): void {
    const last = this.#reported.get(peer);
    if (last === undefined || last.over) return;
    last.over = true;
    this.#options.logger.info("{peer} answers now", { event: "peer.mistakeOver", peer });
  }
}
