import {
  encodeCommand,
  type KvReply,
  type KvRequest,
  type KvResult,
  KvStore,
  type KvStoreLimits,
  writeBytes,
} from "../kv/index.ts";
import { type Clock, type Random, silentLogger, type Transport } from "../ports/index.ts";
import { defaultTuning, invariant, type ReplicaId } from "../raft/index.ts";
import {
  type Authority,
  Deadlines,
  Raft,
  type RaftOptions,
  systemClock,
  systemRandom,
} from "../replica/index.ts";
import { AppliedRegistry, type RegistryView } from "./applied-registry.ts";
import { auditService } from "./audit-service.ts";
import { AuditedStore, type MalformedCommand } from "./audited-store.ts";
import { Auditor, type AuditStatus } from "./auditor.ts";
import { Clerk, type ClerkOptions } from "./clerk.ts";
import { ClusterClock } from "./cluster-clock.ts";
import { commandOf } from "./command-of.ts";
import { Commands } from "./commands.ts";
import { Forwarder, type KvReplies, kvService, ReplyBudget } from "./forwarding/index.ts";
import { type Leadership, ObservedLeadership } from "./leadership.ts";
import { reportBugs } from "./report-bugs.ts";
import type { LocalStore } from "./short-calls.ts";

/** Options of a replica of the store. */
export interface KvServerOptions extends Omit<RaftOptions<KvResult>, "stateMachine"> {
  /**
   * Processes that are not replicas of the cluster and may send requests of the store, as the senders of a {@link Forwarder}.
   * All others are refused. Default: none.
   */
  readonly clients?: readonly ReplicaId[];
  /** Must be the same on every replica. */
  readonly limits?: Partial<KvStoreLimits>;
  /** Timeout of a request that a peer forwarded, in ms. The peer has a timeout as well. Default: 5,000. */
  readonly requestTimeoutMs?: number;
  /** Interval in ms at which the states of the replicas are compared, if anything was applied. Default: 10 minutes. */
  readonly auditIntervalMs?: number;
}

/** Health of a replica's data, since its process started. */
export interface Soundness {
  /** The newest comparison with the other replicas' states; undefined before the first. */
  readonly audit: AuditStatus | undefined;
  /** The last command that could not be decoded. It changed nothing, on any replica. */
  readonly malformedCommand: MalformedCommand | undefined;
}

/** Options of a clerk in the process of a replica. */
export type ServerClerkOptions = Omit<
  ClerkOptions,
  "call" | "replicas" | "leadership" | "local" | "clock" | "random"
>;

/**
 * One replica of the key-value store: a {@link Raft} with a store as its state machine. Only the leader handles requests; another replica names it.
 *
 * @example
 * ```ts
 * import { replicaId } from "ruaft";
 * import { memoryPersister } from "ruaft/adapters/memory";
 * import { KvServer } from "ruaft/kvraft";
 * import { LoopbackNetwork } from "ruaft/transports/loopback";
 *
 * const clusterId = "example";
 * const id = replicaId("n1");
 * const network = new LoopbackNetwork({ clusterId });
 * const persister = memoryPersister({ clusterId, replicaId: id });
 * const server = await KvServer.start({ id, voters: [id], transport: network.transport(id), persister });
 * const written = await server.clerk().put("greeting", "Hello");
 * console.log(written.type, server.size); // written 1
 * await server.kill();
 * ```
 */
export class KvServer implements AsyncDisposable {
  /** The replica below the store, for its status, snapshots and changes of leadership. */
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
  readonly #senders: ReadonlySet<ReplicaId>;
  readonly #random: Random;
  readonly #registry: AppliedRegistry;
  readonly #electionTimeoutMs: number;
  readonly #leadership = new ObservedLeadership();
  readonly #transport: Transport;
  readonly #forwarder: Forwarder;
  readonly #commands: Commands;

  /**
   * Starts the replica, and serves the store to its peers.
   *
   * @param options see {@link KvServerOptions}
   * @returns the replica, once it serves its peers
   * @throws what `Raft.start` throws
   */
  static async start(options: KvServerOptions): Promise<KvServer> {
    const store = new KvStore(options.limits);
    const { id, clock = systemClock, logger = silentLogger } = options;
    const registry = new AppliedRegistry({ store, clock });
    const stateMachine = new AuditedStore({ id, store, registry, logger });
    const raft = await Raft.start({ ...options, stateMachine });
    const server = new KvServer(options, { store, registry, stateMachine, raft });
    try {
      await server.#serve();
      return server;
    } catch (error) {
      await raft.kill();
      throw error;
    }
  }

  private constructor(options: KvServerOptions, { store, registry, stateMachine, raft }: Parts) {
    this.raft = raft;
    this.#store = store;
    this.#registry = registry;
    this.#clock = options.clock ?? systemClock;
    this.#time = new ClusterClock({ clock: this.#clock, store, stamp: () => this.#stampTime() });
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
    this.#senders = new Set([...options.voters, ...(options.clients ?? [])]);
    this.#random = options.random ?? systemRandom;
    this.#electionTimeoutMs = options.tuning?.electionTimeoutMaxMs ?? defaultTuning.electionTimeoutMaxMs;
    this.#transport = options.transport;
    this.#forwarder = new Forwarder({ transport: this.#transport, clock: this.#clock });
    this.#commands = new Commands({ raft, store, leader: () => this.#leadership.leader() });
    this.#leadership.changed(() => {
      if (this.#leadership.leader() !== this.#id) this.#commands.leadershipLost();
    });
    this.#observe().catch((bug: unknown) => this.raft.fail(bug));
  }

  /** The leader as this replica sees it, with its changes. */
  get leadership(): Leadership {
    return this.#leadership;
  }

  /** Small named values beside the keys, as this replica has applied them. */
  get registry(): RegistryView {
    return this.#registry;
  }

  /** Number of keys in this replica's store. */
  get size(): number {
    return this.#store.size;
  }

  /** Health of this replica's data. */
  get soundness(): Soundness {
    return { audit: this.#auditor.status, malformedCommand: this.#stateMachine.malformed };
  }

  /** Returns the current state of the store, in the format of its snapshots. Costs one reference for each 16 KiB. */
  snapshot(): Iterable<Uint8Array> {
    return this.#store.snapshot();
  }

  /**
   * Handles a request on this replica. Never rejects. The signal ends the wait with `unknown`.
   *
   * @param request of a client
   * @param signal ends the wait
   * @param owner the sender: only the owner of a session can write in it. Default: this replica
   * @returns the result, or that another replica leads
   */
  handle(request: KvRequest, signal: AbortSignal, owner: ReplicaId = this.#id): Promise<KvReply> {
    if (request.type === "kvGet") return this.#get(request.key, signal);
    const timeMs = this.#time.now();
    return this.#commands.commit(commandOf(request, { owner, timeMs, random: this.#random }), signal);
  }

  /**
   * Sends a request to a replica, this one or a peer; see {@link Transport.call}. Resolves to `notCarried` if it exceeds the largest message.
   *
   * @param to this replica or a peer
   * @param request of a client
   * @param signal ends the wait
   */
  call(to: ReplicaId, request: KvRequest, signal: AbortSignal): Promise<KvReply> {
    if (to === this.#id) return this.handle(request, signal);
    const isWrite = request.type === "kvPut" || request.type === "kvAppend";
    const notCarried = isWrite
      ? this.#commands.notCarried(writeBytes({ ...request, owner: this.#id }), request.value)
      : undefined;
    return notCarried === undefined ? this.#forwarder.call(to, request, signal) : Promise.resolve(notCarried);
  }

  /**
   * Creates a client of the cluster in this replica's process. It knows the leader from this replica.
   *
   * @param options timeouts of the clerk. Defaults: those of {@link ClerkOptions}, except `attemptTimeoutMs`: twice the
   *   longest election timeout
   */
  clerk(options: ServerClerkOptions = {}): Clerk {
    const around = {
      attemptTimeoutMs: 2 * this.#electionTimeoutMs,
      ...options,
      call: (to, request, signal) => this.call(to, request, signal),
      replicas: this.#replicas,
      leadership: this.#leadership,
      local: this.#id,
      clock: this.#clock,
      random: this.#random,
    } satisfies ClerkOptions;
    return new Clerk(around, this.#local());
  }

  /**
   * Stops the replica gracefully; see {@link Raft.kill}. Idempotent.
   *
   * @throws what failed while the replica ran
   */
  kill(): Promise<void> {
    return this.raft.kill();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }

  async #observe(): Promise<void> {
    for await (const change of this.raft.changes()) {
      invariant(change.role !== "leader" || change.leader === this.#id, "§5.2 a leader knows that it leads");
      // Cluster time first, because a listener of `leadership` may propose at once.
      if (change.role === "leader") this.#time.becameLeader();
      else this.#time.stoppedLeading();
      if (change.role !== "leader") this.#auditor.stoppedLeading();
      this.#leadership.observe(change);
    }
    this.#time.stoppedLeading();
    this.#auditor.stop();
    this.#leadership.ended();
    this.#registry.ended();
  }

  async #serve(): Promise<void> {
    const transport = reportBugs(this.#transport, (bug) => this.raft.fail(bug));
    await kvService(transport).serve((from, requests) => this.#answerAll(from, requests));
    await auditService(transport).serve((from, audit) => this.#auditor.answer(from, audit));
  }

  #stampTime(): void {
    this.raft.start(encodeCommand({ type: "commitSentinel", timeMs: this.#time.now() }));
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
      fail: (bug) => this.raft.fail(bug),
      propose: () => this.raft.start(encodeCommand({ type: "audit", timeMs: this.#time.now() })),
    });
  }

  async #answer(from: ReplicaId, request: KvRequest): Promise<KvReply> {
    using deadline = this.#deadlines.after(this.#requestTimeoutMs);
    const reply = await this.handle(request, deadline.signal, from);
    const limitBytes = this.raft.maxCommandBytes;
    // Appends may have made the value larger than any message.
    return valueBytes(reply) > limitBytes ? { type: "notCarried", limitBytes } : reply;
  }

  async #answerAll(from: ReplicaId, requests: readonly KvRequest[]): Promise<KvReplies> {
    if (!this.#senders.has(from)) throw new Error(`${from} is neither a replica of the store nor its client`);
    const [first] = requests;
    if (first !== undefined && requests.length === 1) return [await this.#answer(from, first)];
    const { maxPayloadBytes } = this.#transport;
    // Skips reads whose value would not fit into the reply. Checked again below, because values may grow until they are read.
    const expected = new ReplyBudget(requests.length, maxPayloadBytes);
    const isExpectedToFit = (request: KvRequest) =>
      expected.reserve(request.type === "kvGet" ? this.#store.valueBytes(request.key) : 0);
    const replies = await Promise.all(
      requests.map((request) => (isExpectedToFit(request) ? this.#answer(from, request) : undefined)),
    );
    const budget = new ReplyBudget(requests.length, maxPayloadBytes);
    const fits = (reply: KvReply | undefined) => reply !== undefined && budget.reserve(valueBytes(reply));
    return replies.map((reply) => (fits(reply) ? reply : undefined));
  }

  /** What a clerk of this process calls without messages, promises and signals. */
  #local(): LocalStore {
    const owner = this.#id;
    return {
      id: owner,
      leads: () => this.raft.leader === owner && this.#leadership.leader() === owner,
      read: (key, wait) => this.raft.confirm((authority) => wait.settle(this.#read(key, authority))),
      write: ({ type, key, value }, { session, sequence, lowestPending }, wait) => {
        const of = type === "kvPut" ? "put" : "append";
        const timeMs = this.#time.now();
        this.#commands.submit(
          { type: of, timeMs, session, owner, sequence, lowestPending, key, value },
          wait,
        );
      },
    };
  }

  async #get(key: Uint8Array, signal: AbortSignal): Promise<KvReply> {
    return this.#read(key, await this.raft.verifyAuthority({ signal }));
  }

  /** The reply to a read, at the moment when its authority is known. */
  #read(key: Uint8Array, authority: Authority): KvReply {
    if (authority.type === "notLeader") return authority;
    if (authority.type === "timeout") return { type: "unknown" };
    const stored = this.#store.get(key);
    invariant(stored === undefined || stored.revision >= 1, "revision 0 means that the key does not exist");
    return { type: "value", value: stored?.value, revision: stored?.revision ?? 0 };
  }
}

interface Parts {
  readonly store: KvStore;
  readonly registry: AppliedRegistry;
  readonly stateMachine: AuditedStore;
  readonly raft: Raft<KvResult>;
}

function valueBytes(reply: KvReply): number {
  return reply.type === "value" ? (reply.value?.length ?? 0) : 0;
}
