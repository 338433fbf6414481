import {
  type Command,
  encodeCommand,
  type KvReply,
  type KvRequest,
  type KvResult,
  KvStore,
  type KvStoreLimits,
  type WriteCommand,
  writeBytes,
} from "../kv/index.ts";
import { type Clock, type Random, silentLogger, type Transport } from "../ports/index.ts";
import { defaultTuning, type ReplicaId } from "../raft/index.ts";
import { Deadlines, type ProposeOutcome, Raft, type RaftOptions, systemClock } from "../replica/index.ts";
import { auditService } from "./audit-service.ts";
import { AuditedStore, type MalformedCommand } from "./audited-store.ts";
import { Auditor, type AuditStatus } from "./auditor.ts";
import { Clerk, type ClerkOptions } from "./clerk.ts";
import { ClusterClock } from "./cluster-clock.ts";
import { Forwarder, type KvReplies, kvService, ReplyRoom } from "./forwarding/index.ts";
import { type Leadership, ObservedLeadership } from "./leadership.ts";
import { PendingCommands } from "./pending-commands.ts";

/** What a replica of the store is made of. */
export interface KvServerOptions extends Omit<RaftOptions<KvResult>, "stateMachine"> {
  /** Must be the same on every replica. */
  readonly limits?: Partial<KvStoreLimits>;
  /** How long a peer's request may wait here; it gives up at its own time. In ms, default 5,000. */
  readonly requestTimeoutMs?: number;
  /** How often the states of the replicas are compared at least if anything was applied, in ms. Default 10 minutes. */
  readonly auditIntervalMs?: number;
}

/** What is known of the soundness of a replica's data; nothing of it outlives its process. */
export interface Soundness {
  /** The newest comparison with the states of the other replicas; undefined before the first. */
  readonly audit: AuditStatus | undefined;
  /** The last command of the log that could not be decoded; it changed nothing, on no replica. */
  readonly malformedCommand: MalformedCommand | undefined;
}

/** What may be chosen of a clerk that lives beside a replica. */
export type ServerClerkOptions = Omit<
  ClerkOptions,
  "call" | "replicas" | "leadership" | "local" | "clock" | "random"
>;

/** One replica of the key-value store: a Raft with a store on it. Answers as leader, or tells who leads. */
export class KvServer implements AsyncDisposable {
  readonly raft: Raft<KvResult>;
  readonly #store: KvStore;
  readonly #clock: Clock;
  readonly #time: ClusterClock;
  readonly #stateMachine: AuditedStore;
  readonly #auditor: Auditor;
  readonly #deadlines: Deadlines;
  readonly #requestTimeoutMs: number;
  readonly #id: ReplicaId;
  readonly #replicas: readonly ReplicaId[];
  readonly #random: Random | undefined;
  readonly #electionTimeoutMs: number;
  readonly #leadership = new ObservedLeadership();
  readonly #transport: Transport;
  readonly #forwarder: Forwarder;
  readonly #pending = new PendingCommands();

  /** Starts the replica, and serves the store to its peers. Throws what `Raft.start` throws. */
  static async start(options: KvServerOptions): Promise<KvServer> {
    const store = new KvStore(options.limits);
    const stateMachine = new AuditedStore(options.id, store, options.logger ?? silentLogger);
    const raft = await Raft.start({ ...options, stateMachine });
    const server = new KvServer(options, store, stateMachine, raft);
    try {
      await server.#serve();
      return server;
    } catch (error) {
      await raft.kill();
      throw error;
    }
  }

  private constructor(
    options: KvServerOptions,
    store: KvStore,
    stateMachine: AuditedStore,
    raft: Raft<KvResult>,
  ) {
    this.raft = raft;
    this.#store = store;
    this.#clock = options.clock ?? systemClock;
    this.#time = new ClusterClock({ clock: this.#clock, store });
    this.#stateMachine = stateMachine;
    this.#auditor = this.#newAuditor(options);
    stateMachine.watch = {
      auditApplied: (index, chunks) => this.#auditor.applied(index, chunks),
      snapshotTaken: () => this.#auditor.snapshotTaken(),
    };
    this.#deadlines = new Deadlines(this.#clock);
    this.#requestTimeoutMs = options.requestTimeoutMs ?? 5000;
    this.#id = options.id;
    this.#replicas = options.voters;
    this.#random = options.random;
    this.#electionTimeoutMs = options.tuning?.electionTimeoutMaxMs ?? defaultTuning.electionTimeoutMaxMs;
    this.#transport = options.transport;
    this.#forwarder = new Forwarder({ transport: this.#transport, clock: this.#clock });
    this.#leadership.changed(() => {
      if (this.#leadership.leader() !== this.#id) this.#pending.leadershipLost();
    });
    void this.#observe();
  }

  /** The leader as this replica sees it, and when that changes. */
  get leadership(): Leadership {
    return this.#leadership;
  }

  /** How many keys the store holds here, applied so far. */
  get size(): number {
    return this.#store.size;
  }

  /** What is known of the soundness of this replica's data. */
  get soundness(): Soundness {
    return { audit: this.#auditor.status, malformedCommand: this.#stateMachine.malformed };
  }

  /** The state of the store as it is now, as its own snapshots hold it; taking it costs a reference for each 16 KiB. */
  snapshot(): Iterable<Uint8Array> {
    return this.#store.snapshot();
  }

  /** Answers a request as far as this replica can; never rejects. The signal ends the wait with `unknown`. */
  handle(request: KvRequest, signal: AbortSignal): Promise<KvReply> {
    switch (request.type) {
      case "kvGet":
        return this.#get(request.key, signal);
      case "kvPut":
        return this.#commit(this.#writeCommand("put", request), signal);
      case "kvAppend":
        return this.#commit(this.#writeCommand("append", request), signal);
      case "kvOpenSession":
        return this.#commit({ type: "openSession", timeMs: this.#time.now() }, signal);
      case "kvCommitSentinel":
        return this.#commit({ type: "commitSentinel", timeMs: this.#time.now() }, signal);
    }
  }

  /** Asks a replica of the cluster, this one or a peer; see {@link Transport.call}. What is too large is not sent. */
  call(to: ReplicaId, request: KvRequest, signal: AbortSignal): Promise<KvReply> {
    if (to === this.#id) return this.handle(request, signal);
    const isWrite = request.type === "kvPut" || request.type === "kvAppend";
    const notCarried = isWrite ? this.#notCarried(writeBytes(request), request.value) : undefined;
    return notCarried === undefined ? this.#forwarder.call(to, request, signal) : Promise.resolve(notCarried);
  }

  /**
   * A client of the cluster within this replica: it asks this replica or its peers, and knows who leads.
   *
   * @param options timeouts of the clerk. Default: those of {@link ClerkOptions}, but the first attempt at a replica has
   *   twice the longest election timeout
   */
  clerk(options: ServerClerkOptions = {}): Clerk {
    return new Clerk({
      attemptTimeoutMs: 2 * this.#electionTimeoutMs,
      ...options,
      call: (to, request, signal) => this.call(to, request, signal),
      replicas: this.#replicas,
      leadership: this.#leadership,
      local: this.#id,
      clock: this.#clock,
      ...(this.#random && { random: this.#random }),
    });
  }

  kill(): Promise<void> {
    return this.raft.kill();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }

  async #observe(): Promise<void> {
    for await (const change of this.raft.changes()) {
      // First the time: whoever hears of the leader may propose at once.
      if (change.role === "leader") this.#time.becameLeader();
      else this.#time.stoppedLeading();
      if (change.role !== "leader") this.#auditor.stoppedLeading();
      this.#leadership.observe(change);
    }
    this.#time.stoppedLeading();
    this.#auditor.stop();
    this.#leadership.ended();
  }

  async #serve(): Promise<void> {
    await kvService(this.#transport).serve((requests) => this.#answerAll(requests));
    await auditService(this.#transport).serve((from, audit) => this.#auditor.answer(from, audit));
  }

  #newAuditor({
    id,
    voters,
    transport,
    logger = silentLogger,
    auditIntervalMs = 10 * 60_000,
  }: KvServerOptions): Auditor {
    return new Auditor({
      id,
      voters,
      service: auditService(transport),
      clock: this.#clock,
      logger,
      intervalMs: auditIntervalMs,
      lastApplied: () => this.raft.status().lastApplied,
      isLeader: () => this.raft.getState().isLeader,
      propose: () => this.raft.start(encodeCommand({ type: "audit", timeMs: this.#time.now() })),
    });
  }

  async #answer(request: KvRequest): Promise<KvReply> {
    using deadline = this.#deadlines.after(this.#requestTimeoutMs);
    const reply = await this.handle(request, deadline.signal);
    const limitBytes = this.raft.maxCommandBytes;
    // Appends may have made a value of what no message holds.
    return valueBytes(reply) > limitBytes ? { type: "notCarried", limitBytes } : reply;
  }

  async #answerAll(requests: readonly KvRequest[]): Promise<KvReplies> {
    const [first] = requests;
    if (first !== undefined && requests.length === 1) return [await this.#answer(first)];
    const { maxPayloadBytes } = this.#transport;
    // What will have no room is not read: its copy would be for nothing. Until the others are, their values may grow.
    const expected = new ReplyRoom(maxPayloadBytes);
    const hasRoom = (request: KvRequest) =>
      expected.take(request.type === "kvGet" ? this.#store.valueBytes(request.key) : 0);
    const replies = await Promise.all(
      requests.map((request) => (hasRoom(request) ? this.#answer(request) : undefined)),
    );
    const room = new ReplyRoom(maxPayloadBytes);
    const fits = (reply: KvReply | undefined) => reply !== undefined && room.take(valueBytes(reply));
    return replies.map((reply) => (fits(reply) ? reply : undefined));
  }

  async #get(key: Uint8Array, signal: AbortSignal): Promise<KvReply> {
    const authority = await this.raft.verifyAuthority({ signal });
    if (authority.type === "notLeader") return authority;
    if (authority.type === "timeout") return { type: "unknown" };
    const stored = this.#store.get(key);
    return { type: "value", value: stored?.value, revision: stored?.revision ?? 0 };
  }

  #writeCommand(
    type: WriteCommand["type"],
    { session, sequence, lowestPending, key, value }: Extract<KvRequest, { type: "kvPut" | "kvAppend" }>,
  ): WriteCommand {
    return { type, timeMs: this.#time.now(), session, sequence, lowestPending, key, value };
  }

  #commit(command: Command, signal: AbortSignal): Promise<KvReply> {
    if (signal.aborted) return Promise.resolve({ type: "unknown" });
    const ticket = "session" in command ? command : undefined;
    const pending = ticket === undefined ? undefined : this.#pending.find(ticket);
    if (pending !== undefined) {
      const { isLeader, leader } = this.raft.getState();
      // Whoever leads now is to be asked: here the write may wait until this replica hears of its end.
      return isLeader ? pending.wait(signal) : Promise.resolve({ type: "notLeader", leader });
    }
    const bytes = encodeCommand(command);
    const notCarried = this.#notCarried(bytes.length, "value" in command ? command.value : undefined);
    if (notCarried !== undefined) return Promise.resolve(notCarried);
    // It is waited for as long as it takes: others may join the wait.
    const added = this.#pending.add(ticket);
    const reply = added.wait(signal);
    this.raft.submit(bytes, (outcome) => this.#pending.settle(added, this.#replyOf(outcome)));
    return reply;
  }

  #replyOf(outcome: ProposeOutcome<KvResult>): KvReply {
    switch (outcome.type) {
      case "committed":
        // The replica encoded the command itself; and if it were malformed after all, the log says so.
        return outcome.result.type === "malformed" ? { type: "unknown" } : outcome.result;
      case "lost":
        return { type: "notLeader", leader: this.#leadership.leader() };
      case "notLeader":
      case "overloaded":
      case "unknown":
        return outcome;
    }
  }

  /** The reply to a command over `maxCommandBytes`, with the largest value that fits; undefined if the command fits. */
  #notCarried(commandBytes: number, value: Uint8Array | undefined): KvReply | undefined {
    const excess = commandBytes - this.raft.maxCommandBytes;
    if (excess <= 0) return undefined;
    return { type: "notCarried", limitBytes: Math.max(0, (value?.length ?? 0) - excess) };
  }
}

function valueBytes(reply: KvReply): number {
  return reply.type === "value" ? (reply.value?.length ?? 0) : 0;
}
