import { checkConfig, type RaftConfig } from "./config.ts";
import type { Input } from "./input.ts";
import { invariant } from "./invariant-violation.ts";
import type { Ready, ReceivedChunk } from "./ready.ts";
import { voteStored } from "./roles/backing.ts";
import {
  handleBootstrapCheck,
  handleBootstrapCheckReply,
  isBlank,
  sendBootstrapChecks,
} from "./roles/bootstrap.ts";
import {
  decideElection,
  electionTimedOut,
  handleRequestVote,
  handleRequestVoteReply,
} from "./roles/election.ts";
import { handleAppendEntries } from "./roles/follower.ts";
import {
  chunkRefused,
  chunkStored,
  handleInstallSnapshot,
  snapshotInstalled,
} from "./roles/install-snapshot.ts";
import {
  appendEntriesFailed,
  chunkFailed,
  commitByQuorum,
  handleAppendEntriesReply,
  handleInstallSnapshotReply,
  leaderTimedOut,
  maxCommandBytes,
  type Proposed,
  propose,
  serveReads,
} from "./roles/leader.ts";
import { replicate, windowDeadlineMs } from "./roles/replication.ts";
import { resign } from "./roles/resign.ts";
import { adoptTerm, newBootstrapping, newFollower } from "./roles/transitions.ts";
import { SelfCheck } from "./self-check.ts";
import { RaftState } from "./state.ts";
import type { LogEntry, PersistedState, ReplicaId, SnapshotMeta, StoredConfiguration } from "./types.ts";
import { type RaftView, type RoleName, roleNameOf, viewOf } from "./view.ts";

/**
 * One replica of the Raft protocol: a pure, deterministic state machine. Inputs go in by `step` and `propose`. What the
 * core wants done comes out of `take`. All times are in ms of a monotonic clock.
 *
 * @example
 * ```ts
 * import { defaultTuning, emptyState, RaftCore, replicaId, seededRandom } from "ruaft/core";
 *
 * const id = replicaId("n1");
 * const config = { ...defaultTuning, id, voters: [id], volatileStorage: false, random: seededRandom(1) };
 * const core = new RaftCore(config, emptyState, 0);
 * const nowMs = core.deadline();
 * core.step({ type: "timer" }, nowMs);
 *
 * // The vote for itself counts once it is durable, and so does the first entry of its term.
 * for (let { persist } = core.take(); persist !== undefined; { persist } = core.take()) {
 *   core.step({ type: "persisted", batch: persist }, nowMs);
 * }
 * console.log(core.isLeader, core.view().commitIndex); // true 1
 * ```
 */
export class RaftCore {
  readonly #raft: RaftState;
  readonly #selfCheck: SelfCheck;

  /**
   * @param config see {@link RaftConfig}
   * @param restored the durable state; `emptyState` for a replica that has never run
   * @param now the present, in ms
   * @throws RangeError if the configuration is not valid, InvariantViolation if the durable state is no valid log
   */
  constructor(config: RaftConfig, restored: PersistedState, now: number) {
    checkConfig(config);
    const mustAsk = isBlank(restored) && !config.volatileStorage && config.voters.length > 1;
    const moment = { config, nowMs: now };
    const role = mustAsk ? newBootstrapping(moment) : newFollower(moment);
    this.#raft = new RaftState(config, restored, role, now);
    const { log, durability, settledIndex } = this.#raft;
    durability.check(log);
    invariant(
      settledIndex === log.snapshotIndex,
      "§5.3 after a restart only a snapshot is known to be committed",
    );
    this.#selfCheck = new SelfCheck(this.#raft);
  }

  /** The current role. */
  get role(): RoleName {
    return roleNameOf(this.#raft.role);
  }

  /** The current term (§5.1). */
  get currentTerm(): number {
    return this.#raft.currentTerm;
  }

  /** The leader of the current term, as far as this replica knows. */
  get leader(): ReplicaId | undefined {
    return this.#raft.leader;
  }

  /** Whether this replica leads the current term, as far as it knows. */
  get isLeader(): boolean {
    return this.#raft.role.type === "leader";
  }

  /** The index of the last entry that was handed out to be applied. */
  get lastApplied(): number {
    return this.#raft.lastApplied;
  }

  /** The last entry that the newest snapshot covers; undefined without one. */
  get snapshot(): SnapshotMeta | undefined {
    return this.#raft.log.snapshot;
  }

  /** The newest configuration in the log, committed or not (§6). Undefined if there is none. */
  get configuration(): StoredConfiguration | undefined {
    return this.#raft.log.configuration;
  }

  /** Whether the storage refused commands for lack of space, and has not taken any since. */
  get isStorageFull(): boolean {
    return this.#raft.durability.isFull;
  }

  /** Size limit of a command at present, in bytes. */
  get maxCommandBytes(): number {
    return maxCommandBytes(this.#raft);
  }

  /**
   * Says what a snapshot of the state after an entry covers.
   *
   * @param index of an entry of the log
   * @returns undefined if the entry was compacted away, or does not exist
   */
  snapshotMetaAt(index: number): SnapshotMeta | undefined {
    return this.#raft.log.snapshotMetaAt(index);
  }

  /**
   * Appends a command if this replica leads. The bytes must not be changed afterwards.
   *
   * @param command the encoded command
   * @returns the position of its entry if it was appended
   * @throws RangeError if it is larger than `maxCommandBytes`
   */
  propose(command: Uint8Array): Proposed {
    return propose(this.#raft, command);
  }

  /**
   * Processes one input at the time `now`, in ms.
   *
   * @param input what happened; see {@link Input}
   * @param now in ms of a monotonic clock; never less than in an earlier call
   * @throws InvariantViolation if the input breaks the contract of {@link Ready}, or a rule of the protocol
   */
  step(input: Input, now: number): void {
    const raft = this.#raft;
    invariant(now >= raft.nowMs, "time never falls");
    raft.nowMs = now;
    const { role } = raft;
    if (role.type === "leader") {
      role.admission.settled(raft.log, raft.settledIndex);
      role.admission.observe(now);
    }
    switch (input.type) {
      case "request":
        return this.#request(input);
      case "reply":
        return this.#reply(input);
      case "failed":
        return this.#failed(input);
      case "persisted":
        raft.durability.completed(input.batch, raft.log);
        voteStored(raft);
        return decideElection(raft);
      case "writeRefused":
        return raft.durability.refused(input.batch, raft.log);
      case "retryWrite":
        return raft.durability.retry(raft.log);
      case "snapshotSaved":
        // A snapshot that was received in the meantime is newer.
        if (input.meta.lastIncludedIndex <= raft.log.snapshotIndex) return;
        return raft.log.compact(input.meta, raft.config.retainedLogBytes);
      case "chunkStored":
        return chunkStored(raft, input.callId, input.meta, input.nextOffset);
      case "chunkRefused":
        return chunkRefused(raft, input.callId, input.meta);
      case "snapshotInstalled":
        return snapshotInstalled(raft, input.callId, input.meta);
      case "read":
        if (raft.role.type === "leader") raft.role.reads.request(input.readId);
        else raft.reads.push({ readId: input.readId, readIndex: undefined });
        return;
      case "resign":
        return resign(raft);
      case "applied":
        return raft.applyPace.applied(input.entries, input.tookMs);
      case "payloadLimit":
        raft.payloadLimitBytes = input.bytes;
        return;
      case "timer":
        if (raft.role.type === "leader") leaderTimedOut(raft, raft.role);
        else if (raft.role.type === "bootstrapping") sendBootstrapChecks(raft, raft.role);
        else electionTimedOut(raft);
        return;
      default:
        unreachable(input);
    }
  }

  /**
   * Returns everything that the core wants done since the last call; see {@link Ready} for the contract.
   *
   * @throws InvariantViolation if a rule of `checkInvariants` is broken: such a state must not leave the process
   */
  take(): Ready {
    const raft = this.#raft;
    if (raft.role.type === "leader") {
      commitByQuorum(raft, raft.role);
      serveReads(raft, raft.role);
      replicate(raft, raft.role);
    }
    const apply = this.#takeCommitted();
    const persist = raft.durability.takeBatch(raft.log, raft.hardState, raft.incoming?.installing !== true);
    const ready: Ready = {
      send: raft.outbox.take(),
      sendChunks: raft.sendChunks,
      persist,
      storeChunks: this.#takeChunks(),
      apply,
      reads: raft.reads,
      unanswered: raft.outbox.takeUnanswered(),
      storageLost: raft.storageLost,
      more: raft.lastApplied < this.#applicableIndex(),
    };
    raft.sendChunks = [];
    raft.reads = [];
    this.#selfCheck.check(raft);
    return ready;
  }

  /** The time by which `timer` must be stepped, in ms. Infinite if the core waits for no time. */
  deadline(): number {
    const { role, resigned } = this.#raft;
    switch (role.type) {
      case "leader":
        return Math.min(role.nextHeartbeatMs, windowDeadlineMs(this.#raft, role));
      case "bootstrapping":
        return role.nextRetryMs;
      case "follower":
        return resigned ? Number.POSITIVE_INFINITY : role.electionDeadlineMs;
      case "candidate":
        return Math.min(role.nextRetryMs, role.electionDeadlineMs);
    }
  }

  /** The state at present; see {@link RaftView}. */
  view(): RaftView {
    return viewOf(this.#raft);
  }

  #request({ callId, from, request }: Extract<Input, { type: "request" }>): void {
    const raft = this.#raft;
    if (request.type === "bootstrapCheck") return handleBootstrapCheck(raft, from, callId);
    // A replica that is not proven new promises nothing, so it replies to nothing.
    if (raft.role.type === "bootstrapping") return;
    switch (request.type) {
      case "requestVote":
        return handleRequestVote(raft, request, callId);
      case "appendEntries":
        return handleAppendEntries(raft, request, callId);
      case "installSnapshot":
        return handleInstallSnapshot(raft, from, request, callId);
      default:
        unreachable(request);
    }
  }

  #reply({ from, request, reply }: Extract<Input, { type: "reply" }>): void {
    const raft = this.#raft;
    invariant(request.type === reply.type, "a reply belongs to its request");
    if (request.type === "bootstrapCheck" && reply.type === "bootstrapCheck") {
      if (raft.role.type === "bootstrapping")
        handleBootstrapCheckReply(raft, raft.role, { from, request, reply });
      return;
    }
    if (reply.term > raft.currentTerm) adoptTerm(raft, reply.term);
    if (request.type === "requestVote" && reply.type === "requestVote") {
      return handleRequestVoteReply(raft, { from, request, reply });
    }
    // The reply belongs to an earlier leadership of this replica, or to one that ended.
    if (raft.role.type !== "leader" || request.term !== raft.currentTerm) return;
    if (request.type === "appendEntries" && reply.type === "appendEntries") {
      handleAppendEntriesReply(raft, raft.role, { from, request, reply });
    } else if (request.type === "installSnapshot" && reply.type === "installSnapshot") {
      handleInstallSnapshotReply(raft, raft.role, { from, request, reply });
    }
  }

  #failed({ to, request }: Extract<Input, { type: "failed" }>): void {
    const raft = this.#raft;
    if (raft.role.type !== "leader" || request.term !== raft.currentTerm) return;
    if (request.type === "appendEntries") appendEntriesFailed(raft, raft.role, to, request);
    if (request.type === "installSnapshot") chunkFailed(raft, raft.role, to, request);
  }

  /**
   * The last entry that may be applied: committed and durable here, so that a snapshot never runs ahead of this
   * replica's log. While a received snapshot is being installed, nothing is applied.
   */
  #applicableIndex(): number {
    const { settledIndex, incoming, lastApplied } = this.#raft;
    return incoming?.installing === true ? lastApplied : settledIndex;
  }

  /**
   * Hands chunks out only after the hard state is durable. After a crash a snapshot must not be of a later term than
   * the stored one.
   */
  #takeChunks(): ReceivedChunk[] {
    const { durability, storeChunks } = this.#raft;
    if (!durability.isDurable({ hardStateVersion: durability.hardStateVersion, index: 0 })) return [];
    this.#raft.storeChunks = [];
    return storeChunks;
  }

  #takeCommitted(): LogEntry[] {
    const raft = this.#raft;
    const to = Math.min(this.#applicableIndex(), raft.lastApplied + raft.applyPace.entries);
    if (to <= raft.lastApplied) return [];
    const entries = raft.log.sliceUpTo(raft.lastApplied + 1, raft.config.maxApplyBytes, to);
    invariant(entries[0]?.index === raft.lastApplied + 1, "§5.3 entries are applied in order, each once");
    invariant(entries.length <= to - raft.lastApplied, "§5.3 only committed entries are applied");
    raft.lastApplied += entries.length;
    return entries;
  }
}

function unreachable(value: never): never {
  throw new TypeError(`not an input of Raft: ${JSON.stringify(value)}`);
}
