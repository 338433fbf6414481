import { type Clock, type Logger, TransportError } from "../ports/index.ts";
import type { ReplicaId } from "../raft/index.ts";
import { Deadlines } from "../replica/index.ts";
import type { Audit, AuditReply, AuditService } from "./audit-service.ts";
import { StateHashes } from "./state-hashes.ts";
import { judge, sentenceOf } from "./verdict.ts";

/** After a snapshot no audit follows another sooner than this, in ms. */
const MIN_INTERVAL_MS = 60_000;

/** How long a leader waits before it asks a peer again that has not applied the audit yet, in ms; and how often it asks. */
const ASK_AGAIN_MS = 2000;
const ASKS = 30;

/** How long a peer may take to answer, in ms. */
const CALL_TIMEOUT_MS = 2000;

/** The comparison of the states at the newest audit, as far as this replica knows it. */
export interface AuditStatus {
  /** The index after which the states are compared. */
  readonly index: number;
  /** Of this replica's state, in hexadecimal digits. */
  readonly hash: string;
  /** Whether a replica's state had the same hash: on the leader of all that answered, elsewhere of the leader. */
  readonly agrees: Readonly<Record<string, boolean>>;
  /** The last difference that was found since this replica started. */
  readonly alarm: string | undefined;
}

export interface AuditorOptions {
  readonly id: ReplicaId;
  readonly voters: readonly ReplicaId[];
  readonly service: AuditService;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How often the states are compared at least if anything was applied, in ms. */
  readonly intervalMs: number;
  readonly lastApplied: () => number;
  readonly isLeader: () => boolean;
  /** Puts an `audit` into the log, if this replica leads. */
  readonly propose: () => void;
}

/**
 * Compares the states of the replicas. A leader puts an `audit` into the log from time to time; each replica hashes its
 * state as it is at that index, and the leader asks the others what they found. A difference means that a state has
 * rotted in memory or on a disk, or that a bug made replicas apply the log in different ways.
 */
export class Auditor {
  readonly #options: AuditorOptions;
  readonly #peers: readonly ReplicaId[];
  readonly #deadlines: Deadlines;
  readonly #hashes: StateHashes;
  readonly #agrees = new Map<ReplicaId, boolean>();
  #newest: { readonly index: number; readonly hash: string } | undefined;
  #alarm: string | undefined;
  /** The index up to which states were compared, or will be by an audit in the log. */
  #auditedTo = 0;
  #proposedAtMs = Number.NEGATIVE_INFINITY;
  /** Counts comparisons: a newer one ends those before. */
  #comparison = 0;
  #cancelTimer: () => void = () => {};
  #cancelPause: () => void = () => {};

  constructor(options: AuditorOptions) {
    this.#options = options;
    const { clock, id, voters } = options;
    this.#peers = voters.filter((voter) => voter !== id);
    this.#deadlines = new Deadlines(clock);
    this.#hashes = new StateHashes({ clock, found: (index, hash) => this.#found(index, hash) });
    if (this.#peers.length > 0) this.#setTimer();
  }

  get status(): AuditStatus | undefined {
    if (this.#newest === undefined) return undefined;
    return { ...this.#newest, agrees: Object.fromEntries(this.#agrees), alarm: this.#alarm };
  }

  /** An `audit` was applied. */
  applied(index: number, chunks: () => Iterable<Uint8Array>): void {
    this.#auditedTo = index;
    if (this.#peers.length > 0) this.#hashes.take(index, chunks);
  }

  /** A snapshot is taken: much has changed since the last one. */
  snapshotTaken(): void {
    const { clock } = this.#options;
    if (this.#peers.length === 0 || clock.now() - this.#proposedAtMs < MIN_INTERVAL_MS) return;
    // This is called while the replica acts on its core's behalf.
    clock.defer(() => this.#propose());
  }

  /**
   * Answers a leader, and learns from it.
   *
   * @throws Error if `from` is no other replica of the cluster
   */
  answer(from: ReplicaId, { index, hash: theirs }: Audit): AuditReply {
    if (!this.#peers.includes(from)) throw new Error(`${from} is no peer of ${this.#options.id}`);
    const hash = this.#hashes.at(index);
    const isPending =
      hash === undefined && (this.#hashes.underWay === index || index > this.#options.lastApplied());
    if (hash !== undefined) {
      if (this.#newest?.index === index) this.#agrees.set(from, hash === theirs);
      this.#judge(
        index,
        new Map([
          [this.#options.id, hash],
          [from, theirs],
        ]),
      );
    }
    return { hash, isPending };
  }

  /** The comparison under way is for a leader to make. */
  stoppedLeading(): void {
    this.#comparison++;
    this.#cancelPause();
  }

  stop(): void {
    this.stoppedLeading();
    this.#cancelTimer();
    this.#hashes.stop();
  }

  #setTimer(): void {
    const { clock, intervalMs } = this.#options;
    this.#cancelTimer = clock.setTimer(intervalMs, () => {
      this.#setTimer();
      this.#propose();
    });
  }

  #propose(): void {
    const { clock, isLeader, lastApplied, propose } = this.#options;
    const isUnchanged = lastApplied() <= this.#auditedTo;
    if (!isLeader() || isUnchanged || this.#hashes.underWay !== undefined) return;
    this.#proposedAtMs = clock.now();
    propose();
  }

  #found(index: number, hash: string): void {
    this.#newest = { index, hash };
    this.#agrees.clear();
    if (this.#options.isLeader()) void this.#compare(index, hash);
  }

  async #compare(index: number, hash: string): Promise<void> {
    this.#cancelPause();
    const comparison = ++this.#comparison;
    const hashes = new Map([[this.#options.id, hash]]);
    const unknown = new Set(this.#peers);
    const ask = async (peer: ReplicaId) => {
      const reply = await this.#ask(peer, { index, hash });
      if (comparison !== this.#comparison || reply === undefined || reply.isPending) return;
      unknown.delete(peer);
      if (reply.hash === undefined) return;
      hashes.set(peer, reply.hash);
      this.#agrees.set(peer, reply.hash === hash);
    };
    for (let asks = 0; asks < ASKS && unknown.size > 0; asks++) {
      if (asks > 0) await this.#pause();
      await Promise.all([...unknown].map(ask));
      if (comparison !== this.#comparison) return;
      this.#judge(index, hashes);
    }
  }

  /** Undefined if no answer came. */
  async #ask(peer: ReplicaId, audit: Audit): Promise<AuditReply | undefined> {
    using deadline = this.#deadlines.after(CALL_TIMEOUT_MS);
    try {
      return await this.#options.service.call(peer, audit, deadline.signal);
    } catch (error) {
      if (error instanceof TransportError) return undefined;
      throw error;
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#cancelPause = this.#options.clock.setTimer(ASK_AGAIN_MS, resolve);
    });
  }

  /** Raises the alarm if the states differ, once for each thing that there is to say. */
  #judge(index: number, hashes: ReadonlyMap<ReplicaId, string>): void {
    const verdict = judge(hashes, this.#options.voters.length);
    if (verdict.type === "agree") return;
    const alarm = sentenceOf(index, verdict);
    if (alarm === this.#alarm) return;
    this.#alarm = alarm;
    const { id, logger } = this.#options;
    logger.error("{id}: {alarm}", {
      event: "data.differs",
      id,
      alarm,
      index,
      hashes: Object.fromEntries(hashes),
    });
  }
}
