import {
  CLUSTER_UID_BYTES,
  type Clock,
  type IdentityHealth,
  type Introduction,
  type Introductions,
  type Logger,
  type Persister,
  PersisterError,
  type StorageUse,
  type Transport,
} from "../ports/index.ts";
import {
  decodeConfiguration,
  InvariantViolation,
  invariant,
  type RaftConfig,
  type RaftView,
  type Ready,
  type ReplicaId,
} from "../raft/index.ts";
import { isShortage } from "./shortage.ts";

export interface IdentitiesOptions {
  readonly config: RaftConfig;
  /** Distinguishes this process from any other one on the same storage. */
  readonly boot: number;
  /** After `load`. */
  readonly persister: Persister;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called with work that must end before the persister is disposed of. */
  readonly track: (work: Promise<void>) => void;
  /** Stops the replica. */
  readonly stop: (error: Error) => void;
}

/** The known identity of a peer. */
interface Peer {
  /** The newest use of each of its storages, by `StorageUse.storage`, in the order of their first appearance. */
  readonly newest: Map<number, StorageUse>;
  /** The introduction in messages to it. Undefined if it is the one for every peer. */
  introduction: Introduction | undefined;
  /** The introduction of its last message, if that was accepted and would be again. */
  accepted: Introduction | undefined;
  /** Why its messages are refused, and the time of the last refusal, in ms. */
  problem: { readonly sentence: string; lastMs: number } | undefined;
}

/** Storages remembered for each peer. One is enough unless disks are swapped back and forth. */
const STORAGES_PER_PEER = 8;

/** A problem is over after this time without a refused message, in ms. */
const PROBLEM_OVER_MS = 10_000;

/**
 * Distinguishes replicas of the same name: those of another cluster by its uid, and those on an older or second copy of
 * a storage by its number of starts.
 */
export class Identities implements Introductions {
  readonly #options: IdentitiesOptions;
  readonly #peers: ReadonlyMap<ReplicaId, Peer>;
  #own: Introduction;
  /** Why this process is outdated. If set, no message is accepted any more. */
  #outdated: string | undefined;

  constructor(options: IdentitiesOptions) {
    this.#options = options;
    const { config, boot, persister } = options;
    const { clusterUid, use } = persister.identity();
    this.#own = { clusterUid, use: use && { ...use, boot }, receiver: undefined };
    const peers = config.voters.filter((voter) => voter !== config.id);
    this.#peers = new Map(peers.map((peer) => [peer, newPeer()]));
  }

  health(): IdentityHealth {
    const { clusterUid, use } = this.#own;
    const refused = new Map<ReplicaId, string>();
    for (const [id, { problem }] of this.#peers) if (problem !== undefined) refused.set(id, problem.sentence);
    return { clusterUid: clusterUid && shortUid(clusterUid), starts: use?.starts, refused };
  }

  to(peer: ReplicaId): Introduction {
    return this.#peers.get(peer)?.introduction ?? this.#own;
  }

  refusal(from: ReplicaId, introduction: Introduction | undefined): string | undefined {
    const peer = this.#peers.get(from);
    if (peer === undefined || introduction === undefined) return undefined;
    if (this.#outdated !== undefined) return this.#outdated;
    if (introduction === peer.accepted && peer.problem === undefined) return undefined;
    const outdated = this.#gaveWay(from, introduction);
    if (outdated !== undefined) return outdated;
    const sentence = this.#otherCluster(from, introduction) ?? this.#olderUse(from, peer, introduction);
    this.#note(from, peer, sentence);
    const isBound = this.#own.clusterUid !== undefined;
    peer.accepted = sentence === undefined && isBound ? introduction : undefined;
    return sentence;
  }

  /**
   * Called with what the core wants done. Learns the cluster's uid from the first entry of its log, which is committed,
   * or from a snapshot that covers it.
   */
  observe({ apply, storeChunks }: Ready, { snapshot }: Pick<RaftView, "snapshot">): void {
    const first = apply[0];
    if (first?.type === "configuration") this.#belongsTo(first.data);
    if (this.#own.clusterUid !== undefined) return;
    const configuration = (storeChunks[0]?.meta ?? snapshot)?.configuration;
    if (configuration !== undefined) this.#belongsTo(configuration.data);
  }

  #belongsTo(configuration: Uint8Array): void {
    const { clusterUid } = decodeConfiguration(configuration);
    if (clusterUid === undefined) return;
    const known = this.#own.clusterUid;
    if (known === undefined) this.#learn(clusterUid);
    else if (!isSame(known, clusterUid)) {
      throw new InvariantViolation(
        `the storage is bound to cluster ${shortUid(known)}, and its log is that of ${shortUid(clusterUid)}`,
      );
    }
  }

  #learn(clusterUid: Uint8Array): void {
    const { persister, track, config, logger } = this.#options;
    invariant(this.#own.clusterUid === undefined, "docs/decisions/0019: a replica belongs to one cluster");
    invariant(clusterUid.length === CLUSTER_UID_BYTES, "docs/decisions/0019: a cluster's uid has its length");
    this.#own = { ...this.#own, clusterUid };
    for (const peer of this.#peers.values()) {
      peer.accepted = undefined;
      if (peer.introduction !== undefined) peer.introduction = { ...peer.introduction, clusterUid };
    }
    // Persisters keep the order of calls, so the uid is durable before a snapshot that covers its entry.
    const bound = persister.bind(clusterUid).catch((error: unknown) => {
      if (!isShortage(error)) throw error;
      logger.warn("{id} is bound to its cluster at its next start: {reason}", {
        event: "identity.unbound",
        id: config.id,
        reason: error.message,
      });
    });
    track(bound);
    logger.info("{id} belongs to the cluster of uid {uid}", {
      event: "identity.bound",
      id: config.id,
      uid: shortUid(clusterUid),
    });
  }

  #otherCluster(from: ReplicaId, { clusterUid: theirs }: Introduction): string | undefined {
    const ours = this.#own.clusterUid;
    if (ours === undefined || theirs === undefined || isSame(ours, theirs)) return undefined;
    const address = this.#options.transport.addressOf?.(from);
    const at = address === undefined ? "" : ` (expected at ${address})`;
    return (
      `a replica named ${from}${at} belongs to another cluster of the same name: its uid is ${shortUid(theirs)}, ` +
      `that of ${this.#options.config.id} is ${shortUid(ours)}. Check the addresses of both`
    );
  }

  /**
   * Returns why this process is not the newest on its storage: the peer has seen a newer one, or an earlier one with
   * the same number of starts.
   */
  #gaveWay(from: ReplicaId, { receiver: newer }: Introduction): string | undefined {
    const { use } = this.#own;
    if (use === undefined || newer === undefined || newer.storage !== use.storage) return undefined;
    if (!isOlder(use, newer)) return undefined;
    const { config, persister, track, stop, logger } = this.#options;
    const { id } = config;
    const sentence =
      `${from} knows another process named ${id} on a copy of this data, which was started as often or more often: ` +
      `that one is start ${newer.starts}, this one is start ${use.starts}. This is an older copy, or a second one.`;
    this.#outdated = sentence;
    const text = `${sentence} Two of them could make the others lose data, so this one stops`;
    const end = () => stop(new PersisterError("outdated", text));
    const unmarked = (error: unknown) => {
      logger.error("{id} could not mark its data as outdated: {error}", {
        event: "identity.unmarked",
        id,
        error: String(error),
      });
      end();
    };
    // The mark comes first, because a process that is started again would be the newest.
    if (persister.retire === undefined) end();
    else track(persister.retire(sentence, newer).then(end, unmarked));
    return sentence;
  }

  #olderUse(from: ReplicaId, peer: Peer, { use }: Introduction): string | undefined {
    if (use === undefined) return undefined;
    const { newest } = peer;
    const known = newest.get(use.storage);
    if (known !== undefined && isOlder(use, known)) {
      peer.introduction = { ...this.#own, receiver: known };
      return (
        `${from} runs on an older or a second copy of its data: this process is start ${use.starts} of it, ` +
        `another one that was there before is start ${known.starts}`
      );
    }
    peer.introduction = undefined;
    if (known?.starts !== use.starts) newest.set(use.storage, { ...use });
    const [oldest] = newest.keys();
    if (newest.size > STORAGES_PER_PEER && oldest !== undefined) newest.delete(oldest);
    return undefined;
  }

  /** Logs a problem once, and its end once. */
  #note(from: ReplicaId, peer: Peer, sentence: string | undefined): void {
    const { problem } = peer;
    if (sentence === undefined && problem === undefined) return;
    const { clock, logger } = this.#options;
    const nowMs = clock.now();
    if (sentence === undefined) {
      if (problem === undefined || nowMs - problem.lastMs < PROBLEM_OVER_MS) return;
      peer.problem = undefined;
      logger.info("no message of {peer} was refused of late", { event: "identity.accepted", peer: from });
    } else if (problem?.sentence === sentence) {
      problem.lastMs = nowMs;
    } else {
      peer.problem = { sentence, lastMs: nowMs };
      logger.error("refused a message: {problem}", {
        event: "identity.refused",
        peer: from,
        problem: sentence,
      });
    }
  }
}

/** The part of a uid shown to people: enough to distinguish two clusters. */
export function shortUid(uid: Uint8Array): string {
  const hex = Array.from(uid.subarray(0, 4), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 4)}-${hex.slice(4)}`;
}

function newPeer(): Peer {
  return {
    newest: new Map(),
    accepted: undefined,
    introduction: undefined,
    problem: undefined,
  };
}

/** Returns whether a use is not the newest, because the other one is newer, or was there before. */
function isOlder(use: StorageUse, known: StorageUse): boolean {
  return use.starts < known.starts || (use.starts === known.starts && use.boot !== known.boot);
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}
