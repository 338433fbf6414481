import {
  type Clock,
  type Logger,
  type Persister,
  type ReplicaState,
  type StateMachine,
  silentLogger,
  type Tracer,
  type Transport,
} from "../ports/index.ts";
import {
  checkConfig,
  checkInvariants,
  type Input,
  type LogPosition,
  type RaftConfig,
  type RaftCore,
  type RaftReply,
  type RaftRequest,
  type RaftView,
  type Ready,
  type ReplicaId,
  type SnapshotMeta,
} from "../raft/index.ts";
import { Applying } from "./applying.ts";
import { Compaction } from "./compaction.ts";
import { DiskWatch } from "./disk-watch.ts";
import { Identities } from "./identities.ts";
import { checkRequest, InboundCalls } from "./inbound-calls.ts";
import { type LeadershipChange, LeadershipChanges } from "./leadership-changes.ts";
import { configOf, type RaftOptions } from "./options.ts";
import { OutboundCalls } from "./outbound-calls.ts";
import type { Authority, ProposeOutcome, WaitOptions } from "./outcome.ts";
import { PeerWatch } from "./peer-watch.ts";
import { Proposals } from "./proposals.ts";
import { Reads } from "./reads.ts";
import { logInstalled, logRestored, restoredCore, restoreNewest } from "./restore.ts";
import { SerialQueue } from "./serial-queue.ts";
import { isShortage, Shortages } from "./shortage.ts";
import { SnapshotReceiver } from "./snapshot-receiver.ts";
import { SnapshotSaver } from "./snapshot-saver.ts";
import { SnapshotSender } from "./snapshot-sender.ts";
import { storageLostError } from "./storage-lost.ts";
import { systemClock } from "./system-clock.ts";
import { TermGuard } from "./term-guard.ts";
import { Unfinished } from "./unfinished.ts";
import { WakeUp } from "./wake-up.ts";
import { Writes } from "./writes.ts";

/**
 * One replica: a core, and the world it acts on. Whatever arrives is stepped at once; what there is to do is
 * taken once for all that arrived in a turn of the event loop, so that many proposals share one write and one
 * message to each peer.
 */
export class Raft<Result> implements AsyncDisposable {
  readonly #core: RaftCore;
  readonly #transport: Transport;
  readonly #persister: Persister;
  readonly #stateMachine: StateMachine<Result>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #tracer: Tracer | undefined;
  readonly #peers: ReadonlySet<ReplicaId>;

  readonly #proposals: Proposals<Result> = new Proposals();
  readonly #reads = new Reads();
  readonly #inbound = new InboundCalls();
  readonly #applying: Applying<Result>;
  readonly #shortages: Shortages;
  readonly #writes: Writes;
  readonly #compaction: Compaction;
  readonly #saver: SnapshotSaver;
  readonly #receiver: SnapshotReceiver;
  readonly #sender: SnapshotSender;
  readonly #calls: OutboundCalls;
  readonly #terms: TermGuard;
  readonly #identities: Identities;
  readonly #changes: LeadershipChanges;
  readonly #wakeUp: WakeUp;
  readonly #disk: DiskWatch;
  readonly #peerWatch: PeerWatch;

  #view: RaftView;
  #takeScheduled = false;
  readonly #unfinished = new Unfinished((error) => this.#fail(error));
  #running = true;
  #failure: Error | undefined;
  #killed: Promise<void> | undefined;
  #reportStopped: (failure: Error | undefined) => void = () => {};

  /** Resolves when the replica has stopped: with what failed, or with undefined after an orderly `kill`. */
  readonly stopped: Promise<Error | undefined>;

  /**
   * Reads the durable state back, and takes part in the cluster.
   *
   * @throws RangeError if an option is unusable, PersisterError if the durable state is
   */
  static async start<Result>(options: RaftOptions<Result>): Promise<Raft<Result>> {
    const { transport, persister, stateMachine, clock = systemClock } = options;
    const config = configOf(options);
    try {
      checkConfig(config);
      const restored = await persister.load();
      await restoreNewest(persister, stateMachine, clock);
      logRestored(config.id, restored, options.logger);
      const raft = new Raft(options, config, restoredCore(config, restored, clock.now()));
      options.tracer?.started(restored, raft.#view);
      transport.introduce?.(raft.#identities);
      await transport.serve({ raft: (from, request) => raft.#handle(from, request) });
      raft.#schedule();
      return raft;
    } catch (error) {
      await transport[Symbol.asyncDispose]();
      await persister[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(options: RaftOptions<Result>, config: RaftConfig, core: RaftCore) {
    const { transport, persister, stateMachine, clock = systemClock, logger = silentLogger } = options;
    this.#core = core;
    this.#transport = transport;
    this.#persister = persister;
    this.#stateMachine = stateMachine;
    this.#clock = clock;
    this.#logger = logger;
    this.#tracer = options.tracer;
    this.#peers = new Set(config.voters.filter((voter) => voter !== config.id));
    const step = (input: Input) => this.#step(input);
    const { maxApplyMs } = config;
    this.#applying = new Applying({ stateMachine, proposals: this.#proposals, clock, maxApplyMs, step });
    this.#shortages = new Shortages(clock, logger);
    const shortage = this.#shortages.snapshots;
    this.#compaction = new Compaction({ persister, shortage, logger, save: () => this.requestSnapshot() });
    const commits = new SerialQueue();
    this.#saver = new SnapshotSaver({ persister, clock, commits, step, view: () => core.view() });
    const installed = (meta: SnapshotMeta) => this.#installed(meta);
    const receiving = { persister, stateMachine, clock, commits, shortage };
    this.#receiver = new SnapshotReceiver({ ...receiving, step, installed });
    this.#sender = new SnapshotSender(persister);
    this.#terms = new TermGuard(() => core.view(), logger);
    const track = (work: Promise<void>) => this.#unfinished.track(work);
    const stop = (error: Error) => this.#fail(error);
    this.#identities = new Identities({ config, persister, transport, clock, logger, track, stop });
    this.#calls = new OutboundCalls({ transport, sender: this.#sender, clock, config, logger }, (end) =>
      step(this.#terms.checked(end)),
    );
    const { id, electionTimeoutMinMs: electionTimeoutMs } = config;
    const hangs = () => this.#inbound.diskHangs();
    this.#disk = new DiskWatch({ id, clock, logger, electionTimeoutMs, hangs });
    const isFull = () => core.view().storageFull;
    const { writes } = this.#shortages;
    this.#writes = new Writes({ persister, disk: this.#disk, shortage: writes, isFull, step });
    const failureOf = (peer: ReplicaId) => this.#calls.failureOf(peer);
    this.#peerWatch = new PeerWatch({ config, logger, failureOf });
    this.#view = core.view();
    this.#changes = new LeadershipChanges(this.#view);
    this.#wakeUp = new WakeUp(clock, () => this.#step({ type: "timer" }));
    this.stopped = new Promise((resolve) => {
      this.#reportStopped = resolve;
    });
  }

  /**
   * Appends a command to the log if this replica leads, and does not wait.
   *
   * @param command the encoded command; it belongs to the log from then on
   * @returns where it will stand if it is committed; undefined if this replica can't take it
   * @throws RangeError if it is larger than `maxCommandBytes`
   */
  start(command: Uint8Array): LogPosition | undefined {
    const proposed = this.#propose(command);
    return proposed.type === "accepted" ? { index: proposed.index, term: proposed.term } : undefined;
  }

  /**
   * Appends a command and waits until it has been applied here.
   *
   * @param command the encoded command; it belongs to the log from then on
   * @throws RangeError if it is larger than `maxCommandBytes`
   */
  async propose(command: Uint8Array, { signal }: WaitOptions = {}): Promise<ProposeOutcome<Result>> {
    if (signal?.aborted) return { type: "unknown" };
    const proposed = this.#propose(command);
    return proposed.type === "accepted" ? this.#proposals.wait(proposed, signal) : proposed;
  }

  /** Proposes as {@link propose} does; `settle`, called once with the outcome, costs less than a promise. */
  submit(command: Uint8Array, settle: (outcome: ProposeOutcome<Result>) => void): void {
    const proposed = this.#propose(command);
    if (proposed.type === "accepted") this.#proposals.add(proposed, settle);
    else settle(proposed);
  }

  /** The largest command that can be proposed, in bytes; it may change with what the transport carries. */
  get maxCommandBytes(): number {
    return this.#core.maxCommandBytes;
  }

  /** The term, and whether this replica believes that it leads it. */
  getState(): { readonly term: number; readonly isLeader: boolean; readonly leader: ReplicaId | undefined } {
    const { currentTerm, role, leader } = this.#core.view();
    return { term: currentTerm, isLeader: role === "leader", leader };
  }

  /** Everything there is to know of the replica. */
  status(): ReplicaState {
    const disk = { ...this.#disk.health(), shortage: this.#shortages.text };
    const health = { disk, callFailures: this.#calls.failures(), identity: this.#identities.health() };
    return { ...this.#core.view(), health };
  }

  /** Waits until the state machine may be read linearizably: ReadIndex (thesis §6.4). */
  async verifyAuthority({ signal }: WaitOptions = {}): Promise<Authority> {
    if (!this.#running) return { type: "notLeader", leader: undefined };
    if (signal?.aborted) return { type: "timeout" };
    const { readId, authority } = this.#reads.add(signal);
    this.#step({ type: "read", readId });
    return authority;
  }

  /**
   * Takes a snapshot of the state machine as it is now and lets the log it covers go. The replica does so by
   * itself whenever the persister says that it is time.
   *
   * @returns what it covers; undefined if there was nothing new, or a newer snapshot overtook it
   */
  requestSnapshot(): Promise<SnapshotMeta | undefined> {
    const { lastApplied } = this.#core.view();
    return this.saveSnapshot(lastApplied, () => this.#stateMachine.snapshot());
  }

  /**
   * Saves a snapshot of the state after the entry at `index`. One is saved at a time: while another is under
   * way its result is returned.
   *
   * @param chunks called at once; what it returns is read out piece by piece
   * @throws RangeError if `index` has not been applied yet
   */
  saveSnapshot(index: number, chunks: () => Iterable<Uint8Array>): Promise<SnapshotMeta | undefined> {
    const saved = this.#saver.save(index, chunks);
    // Whoever asked hears what failed; and storage that failed once is used no more.
    saved.catch((error) => this.#fail(error));
    return saved;
  }

  /** The present role, term and leader, then each change as it comes. Ends with the signal, or with the replica. */
  changes({ signal }: WaitOptions = {}): AsyncIterable<LeadershipChange> {
    return this.#changes.stream(signal);
  }

  /**
   * Stops leading, and never campaigns again in this life; votes and follows as before. Idempotent.
   *
   * A leader names a successor, which campaigns at once and commits what it was sent; other proposals end as `lost`. A
   * cluster of one answers nothing after this: finish its requests first.
   */
  resign(): void {
    this.#step({ type: "resign" });
  }

  /**
   * Stops in order: takes nothing more on, finishes what is being written, and releases transport and persister.
   * Proposals that still wait end as `unknown`. Idempotent.
   *
   * @throws what failed during the replica's life
   */
  kill(): Promise<void> {
    this.#killed ??= this.#shutDown();
    return this.#killed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }

  #propose(command: Uint8Array): ReturnType<RaftCore["propose"]> {
    if (!this.#running) return { type: "notLeader", leader: undefined };
    const proposed = this.#core.propose(command);
    this.#tracer?.stepped({ type: "propose", data: command, proposed }, this.#core.view(), this.#clock.now());
    if (proposed.type === "accepted") this.#schedule();
    return proposed;
  }

  #handle(from: ReplicaId, request: RaftRequest): Promise<RaftReply> {
    if (!this.#running) throw new Error("the replica has stopped");
    if (!this.#peers.has(from)) throw new Error(`${from} is no peer of this replica`);
    checkRequest(from, request, this.#view);
    this.#terms.check(from, request.term);
    const { callId, reply } = this.#inbound.add();
    this.#step({ type: "request", callId, from, request });
    return reply;
  }

  #step(input: Input): void {
    if (!this.#running) return;
    try {
      const nowMs = this.#clock.now();
      this.#core.step(input, nowMs);
      this.#tracer?.stepped(input, this.#core.view(), nowMs);
      this.#schedule();
    } catch (error) {
      this.#fail(error);
    }
  }

  #schedule(): void {
    if (this.#takeScheduled) return;
    this.#takeScheduled = true;
    this.#clock.defer(() => {
      this.#takeScheduled = false;
      if (!this.#running) return;
      try {
        this.#act(this.#core.take());
      } catch (error) {
        this.#fail(error);
      }
    });
  }

  /** Does what the core asks for; {@link Ready} has the contract. */
  #act(ready: Ready): void {
    if (ready.storageLost !== undefined) throw storageLostError(this.#core.view(), ready.storageLost);
    // A state that breaks a rule must not leave this process.
    this.#observe();
    this.#tracer?.took(ready, this.#view);
    for (const message of ready.send) {
      if (message.type === "reply") this.#inbound.answer(message.callId, message.reply);
      else this.#calls.send(message.to, message.request, message.deadlineMs);
    }
    for (const callId of ready.unanswered) this.#inbound.unanswered(callId);
    // What is not answered by now waits for the disk.
    if (this.#disk.hangs) this.#inbound.diskHangs();
    for (const chunk of ready.sendChunks) this.#unfinished.track(this.#calls.sendChunk(chunk));
    if (ready.persist !== undefined) this.#unfinished.track(this.#writes.write(ready.persist));
    this.#identities.observe(ready, this.#view);
    for (const chunk of ready.storeChunks) this.#unfinished.track(this.#receiver.receive(chunk));
    this.#applying.apply(ready);
    for (const read of ready.reads) this.#reads.decided(read, this.#view.leader);
    this.#reads.applied(this.#view.lastApplied);
    if (ready.apply.length > 0 && this.#compaction.isDue) this.#unfinished.track(this.#compaction.run());
    if (ready.more) this.#schedule();
    this.#wakeUp.by(this.#core.deadline());
  }

  #observe(): void {
    const before = this.#view;
    this.#view = this.#core.view();
    checkInvariants(before, this.#view);
    this.#changes.observe(this.#view);
    this.#peerWatch.observe(this.#view, this.#clock.now());
    if (before.role === "leader" && this.#view.role !== "leader")
      this.#unfinished.track(this.#sender.closeAll());
  }

  #installed(meta: SnapshotMeta): void {
    this.#proposals.skipped(meta.lastIncludedIndex);
    logInstalled(this.#core.view(), meta, this.#logger);
  }

  /** A bug or a failed device: nothing may be acknowledged any more. Storage that lacks space is tried again. */
  #fail(error: unknown): void {
    if (!this.#running || isShortage(error)) return;
    this.#failure = error instanceof Error ? error : new Error(String(error));
    this.#logger.error("stopped: {failure}", { event: "replica.failed", failure: this.#failure.message });
    this.#stopRunning();
    this.#reportStopped(this.#failure);
  }

  #stopRunning(): void {
    this.#running = false;
    this.#wakeUp.cancel();
    this.#disk.stop();
    this.#shortages.stop();
    this.#proposals.stop();
    this.#reads.stop();
    this.#inbound.stop();
    this.#changes.stop();
  }

  async #shutDown(): Promise<void> {
    if (this.#running) this.#stopRunning();
    const failures = new Set<unknown>(this.#failure === undefined ? [] : [this.#failure]);
    const collect = (error: unknown) => {
      failures.add(error);
    };
    await this.#transport[Symbol.asyncDispose]().catch(collect);
    await this.#saver.stop();
    await this.#unfinished.settled();
    await this.#receiver.stop().catch(collect);
    await this.#sender.closeAll().catch(collect);
    await this.#persister[Symbol.asyncDispose]().catch(collect);
    this.#reportStopped(this.#failure);
    const [first, ...others] = failures;
    if (others.length > 0) throw new AggregateError(failures, "several things failed while the replica ran");
    if (first !== undefined) throw first;
  }
}
