import { type Clock, type Logger, TransportError } from "../ports/index.ts";
import { invariant, type ReplicaId } from "../raft/index.ts";
import { Deadlines } from "../replica/index.ts";
import type { Audit, AuditReply, AuditService } from "./audit-service.ts";
import { StateHashes } from "./state-hashes.ts";
import { judge, sentenceOf } from "./verdict.ts";

/** Least time between an audit after a snapshot and the one before, in ms. */
const MIN_INTERVAL_MS = 60_000;

/** Delay in ms before a leader asks again a peer that has not applied the audit, and the number of attempts. */
const RETRY_DELAY_MS = 2000;
const MAX_ATTEMPTS = 30;

/** Timeout of a call to a peer, in ms. */
const CALL_TIMEOUT_MS = 2000;

/** The result of the newest audit, as far as this replica knows it. */
export interface AuditStatus {
  /** The index of the audit: the compared states include the entries up to it. */
  readonly index: number;
  /** Hash of this replica's state, in hexadecimal digits. */
  readonly hash: string;
  /** By replica: whether its state had the same hash. The leader knows all that replied, a follower only the leader. */
  readonly agrees: Readonly<Record<string, boolean>>;
  /** The last difference found since this replica started, as a sentence. */
  readonly alarm: string | undefined;
}

export interface AuditorOptions {
  readonly id: ReplicaId;
  readonly voters: readonly ReplicaId[];
  readonly service: AuditService;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Interval of comparisons in ms. Without a newly applied entry, a comparison is skipped. */
  readonly intervalMs: number;
  readonly lastApplied: () => number;
  readonly isLeader: () => boolean;
  /** Called with a bug, which must stop the replica. */
  readonly fail: (bug: unknown) => void;
  /** Puts an `audit` into the log, if this replica leads. */
  readonly propose: () => void;
}

/**
 * Compares the states of the replicas. A leader regularly proposes an `audit` command. Each replica hashes its state at the
 * index of that command, and the leader asks the others for their hash. A difference means bit rot in memory or on a disk,
 * or a bug that made replicas apply the log differently.
 */
export class Auditor {
  readonly #options: AuditorOptions;
  readonly #peers: readonly ReplicaId[];
  readonly #deadlines: Deadlines;
  readonly #hashes: StateHashes;
  readonly #agrees = new Map<ReplicaId, boolean>();
  #newest: { readonly index: number; readonly hash: string } | undefined;
  #alarm: string | undefined;
  /** Index of the newest audit that was applied. */
  #auditedTo = 0;
  #proposedAtMs = Number.NEGATIVE_INFINITY;
  /** Number of the current comparison: a newer one ends all before it. */
  #comparison = 0;
  #cancelTimer: () => void = () => {};
  #cancelPause: () => void = () => {};

  constructor(options: AuditorOptions) {
    this.#options = options;
    const { clock, id, voters, fail } = options;
    this.#peers = voters.filter((voter) => voter !== id);
    invariant(this.#peers.length === voters.length - 1, "§5.2 a replica is one of the voters, once");
    this.#deadlines = new Deadlines(clock);
    this.#hashes = new StateHashes({ clock, fail, found: (index, hash) => this.#found(index, hash) });
    if (this.#peers.length > 0) this.#setTimer();
  }

  get status(): AuditStatus | undefined {
    if (this.#newest === undefined) return undefined;
    return { ...this.#newest, agrees: Object.fromEntries(this.#agrees), alarm: this.#alarm };
  }

  /** An `audit` was applied. */
  applied(index: number, chunks: () => Iterable<Uint8Array>): void {
    invariant(index > this.#auditedTo, "§5.3 entries are applied in order, each once");
    this.#auditedTo = index;
    if (this.#peers.length > 0) this.#hashes.take(index, chunks);
  }

  /** A snapshot is being taken, so the state has changed a lot since the last one. */
  snapshotTaken(): void {
    const { clock } = this.#options;
    if (this.#peers.length === 0 || clock.now() - this.#proposedAtMs < MIN_INTERVAL_MS) return;
    // Deferred, because a proposal is not allowed while the replica handles a `Ready`.
    clock.defer(() => this.#propose());
  }

  /**
   * Handles a leader's audit: returns this replica's hash, and compares it with the leader's.
   *
   * @throws Error if `from` is not a peer
   */
  answer(from: ReplicaId, { index, hash: theirs }: Audit): AuditReply {
    if (!this.#peers.includes(from)) throw new Error(`${from} is not a peer of ${this.#options.id}`);
    const hash = this.#hashes.at(index);
    const isPending =
      hash === undefined && (this.#hashes.hashing === index || index > this.#options.lastApplied());
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

  /** Ends the current comparison, which only a leader makes. */
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
    if (!isLeader() || isUnchanged || this.#hashes.hashing !== undefined) return;
    this.#proposedAtMs = clock.now();
    propose();
  }

  #found(index: number, hash: string): void {
    invariant(index <= this.#auditedTo, "docs/decisions/0015: a state is hashed after its audit was applied");
    invariant(
      index > (this.#newest?.index ?? 0),
      "docs/decisions/0015: hashes are found in the order of the audits",
    );
    this.#newest = { index, hash };
    this.#agrees.clear();
    const { isLeader, fail } = this.#options;
    if (isLeader()) this.#compare(index, hash).catch(fail);
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
    for (let attempt = 0; attempt < MAX_ATTEMPTS && unknown.size > 0; attempt++) {
      if (attempt > 0) await this.#pause();
      await Promise.all([...unknown].map(ask));
      if (comparison !== this.#comparison) return;
      this.#judge(index, hashes);
    }
  }

  /** Resolves to undefined if no reply came. */
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
      this.#cancelPause = this.#options.clock.setTimer(RETRY_DELAY_MS, resolve);
    });
  }

  /** Logs an error if the states differ, once for each different sentence. */
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
