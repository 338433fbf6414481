import type { ReplicaState, StateMachine } from "../ports/index.ts";
import {
  checkConfig,
  invariant,
  type LogPosition,
  type RaftCore,
  type ReplicaId,
  type SnapshotMeta,
} from "../raft/index.ts";
import { raftService } from "../rpc/index.ts";
import { Driver } from "./driver.ts";
import type { LeadershipChange } from "./leadership-changes.ts";
import { beginningOf, type RaftOptions } from "./options.ts";
import type { Authority, ProposeOutcome, WaitOptions } from "./outcome.ts";
import type { Parts } from "./parts.ts";
import { logRestored, restoredCore, restoreNewest } from "./restore.ts";
import { systemClock } from "./system-clock.ts";

/**
 * One replica of a cluster: its proposals, reads, snapshots and shutdown.
 *
 * @example
 * ```ts
 * import { Raft, replicaId } from "ruaft";
 * import { memoryPersister } from "ruaft/adapters/memory";
 * import { LoopbackNetwork } from "ruaft/transports/loopback";
 *
 * let total = 0;
 * const stateMachine = {
 *   apply: ([amount = 0]: Uint8Array) => (total += amount),
 *   snapshot: () => [Uint8Array.of(total)],
 *   async restore(chunks: AsyncIterable<Uint8Array>) {
 *     for await (const [amount = 0] of chunks) total = amount;
 *   },
 * };
 *
 * const clusterId = "example";
 * const id = replicaId("n1");
 * const network = new LoopbackNetwork({ clusterId });
 * const transport = network.transport(id);
 * const persister = memoryPersister({ clusterId, replicaId: id });
 * const raft = await Raft.start({ id, voters: [id], transport, persister, stateMachine });
 * for await (const { role } of raft.changes()) if (role === "leader") break;
 * const outcome = await raft.propose(Uint8Array.of(7));
 * console.log(outcome.type, outcome.type === "committed" && outcome.result); // committed 7
 *
 * // A linearizable read: the state shows every write that was acknowledged before the call.
 * const { type } = await raft.verifyAuthority();
 * console.log(type, total); // verified 7
 * await raft.kill();
 * ```
 */
export class Raft<Result> implements AsyncDisposable {
  readonly #driver: Driver<Result>;
  readonly #core: RaftCore;
  readonly #parts: Parts<Result>;
  readonly #stateMachine: StateMachine<Result>;

  /** Resolves when the replica has stopped: with its failure, or with undefined after a `kill` without one. */
  readonly stopped: Promise<Error | undefined>;

  /**
   * Restores the durable state and takes part in the cluster. Transport and persister belong to the replica from then
   * on.
   *
   * @param options see {@link RaftOptions}
   * @returns the replica, once its durable state is restored
   * @throws RangeError if an option is not valid, PersisterError if the durable state can't be used
   */
  static async start<Result>(options: RaftOptions<Result>): Promise<Raft<Result>> {
    const { transport, persister, stateMachine, clock = systemClock } = options;
    const beginning = beginningOf(options);
    const { config, seed } = beginning;
    try {
      checkConfig(config);
      const restored = await persister.load();
      const newest = await restoreNewest(persister, stateMachine, clock);
      invariant(
        newest?.lastIncludedIndex === restored.snapshot?.lastIncludedIndex,
        "§7 the state machine starts with the snapshot that the log follows",
      );
      invariant(
        newest?.configuration?.index === restored.snapshot?.configuration?.index,
        "§6, §7 the snapshot that was loaded has its configuration",
      );
      logRestored(config.id, restored, options.logger);
      const nowMs = clock.now();
      const driver = new Driver(options, beginning, restoredCore(config, restored, nowMs));
      const raft = new Raft(options, driver);
      options.tracer?.started({ config, seed, restored, nowMs }, driver.core.view());
      transport.introduce?.(driver.parts.identities);
      await raftService(transport).serve((from, request) => driver.handle(from, request));
      driver.schedule();
      return raft;
    } catch (error) {
      await transport[Symbol.asyncDispose]();
      await persister[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor({ stateMachine }: RaftOptions<Result>, driver: Driver<Result>) {
    this.#driver = driver;
    this.#core = driver.core;
    this.#parts = driver.parts;
    this.#stateMachine = stateMachine;
    this.stopped = driver.lifecycle.stopped;
  }

  /**
   * Appends a command to the log if this replica leads, without waiting for its commit.
   *
   * @param command the encoded command; it must not be changed afterwards
   * @returns the position of the entry if it is committed; undefined if this replica does not lead, has stopped, or is
   *   overloaded
   * @throws RangeError if it is larger than `maxCommandBytes`
   */
  start(command: Uint8Array): LogPosition | undefined {
    const proposed = this.#driver.propose(command);
    return proposed.type === "accepted" ? { index: proposed.index, term: proposed.term } : undefined;
  }

  /**
   * Appends a command and waits until it has been applied here.
   *
   * @param command the encoded command; it must not be changed afterwards
   * @param options `signal` ends the wait
   * @returns the outcome; `unknown` if `signal` ends the wait
   * @throws RangeError if it is larger than `maxCommandBytes`
   */
  async propose(command: Uint8Array, { signal }: WaitOptions = {}): Promise<ProposeOutcome<Result>> {
    if (signal?.aborted) return { type: "unknown" };
    const proposed = this.#driver.propose(command);
    return proposed.type === "accepted" ? this.#parts.proposals.wait(proposed, signal) : proposed;
  }

  /**
   * Like {@link propose}, with a callback, which costs less than a promise.
   *
   * @param settle called once with the outcome
   * @param command the encoded command; it must not be changed afterwards
   * @throws RangeError if it is larger than `maxCommandBytes`
   */
  submit(command: Uint8Array, settle: (outcome: ProposeOutcome<Result>) => void): void {
    const proposed = this.#driver.propose(command);
    if (proposed.type === "accepted") this.#parts.proposals.add(proposed, settle);
    else settle(proposed);
  }

  /** Size limit of a command, in bytes. It may change with the transport. */
  get maxCommandBytes(): number {
    this.#parts.payloadLimit.observe();
    return this.#core.maxCommandBytes;
  }

  /**
   * Stops the replica because of a bug in a part that uses it, so that nothing is acknowledged any more. Idempotent.
   *
   * @param bug what `stopped` resolves with
   */
  fail(bug: unknown): void {
    this.#driver.lifecycle.fail(bug);
  }

  /** The leader of the current term, as far as this replica knows. */
  get leader(): ReplicaId | undefined {
    return this.#core.leader;
  }

  /** The current term, whether this replica leads it as far as it knows, and the known leader. */
  getState(): { readonly term: number; readonly isLeader: boolean; readonly leader: ReplicaId | undefined } {
    const { currentTerm: term, isLeader, leader } = this.#core;
    return { term, isLeader, leader };
  }

  /** The whole state of the replica, for status pages. */
  status(): ReplicaState {
    const { disk, shortages, outbound, identities } = this.#parts;
    const health = {
      disk: { ...disk.health(), shortage: shortages.text },
      callFailures: outbound.failures(),
      sealing: outbound.sealing,
      identity: identities.health(),
    };
    return { ...this.#core.view(), health };
  }

  /**
   * Waits until the state machine may be read linearizably (ReadIndex, thesis §6.4).
   *
   * @param options `signal` ends the wait
   * @returns `verified` once the state shows every write that was acknowledged before the call
   */
  async verifyAuthority({ signal }: WaitOptions = {}): Promise<Authority> {
    if (!this.#driver.lifecycle.isRunning) return { type: "notLeader", leader: undefined };
    if (signal?.aborted) return { type: "timeout" };
    const { readId, authority } = this.#parts.reads.wait(signal);
    this.#driver.step({ type: "read", readId });
    return authority;
  }

  /**
   * Like {@link verifyAuthority}, with a callback, which costs less than a promise. All calls of a turn of the event loop
   * share one read of the core.
   *
   * @param settle called once with the outcome, at the latest when the replica stops
   */
  confirm(settle: (authority: Authority) => void): void {
    if (!this.#driver.lifecycle.isRunning) return settle({ type: "notLeader", leader: undefined });
    const readId = this.#parts.reads.share(settle);
    if (readId !== undefined) this.#driver.step({ type: "read", readId });
  }

  /**
   * Saves a snapshot of the present state of the state machine, so that the log it covers can be dropped. The replica
   * also does so when the persister asks for it.
   *
   * @returns what the snapshot covers; undefined if there was nothing new, or if a newer snapshot came first
   */
  requestSnapshot(): Promise<SnapshotMeta | undefined> {
    return this.saveSnapshot(this.#core.lastApplied, () => this.#stateMachine.snapshot());
  }

  /**
   * Saves a snapshot of the state after the entry at `index`. If another one is being saved, its result is returned.
   *
   * @param chunks called at once; its result is read chunk by chunk
   * @param index of an entry that has been applied, or 0
   * @returns what the snapshot covers; undefined if there was nothing new, or if a newer snapshot came first
   * @throws RangeError if `index` has not been applied
   */
  saveSnapshot(index: number, chunks: () => Iterable<Uint8Array>): Promise<SnapshotMeta | undefined> {
    const saved = this.#parts.saver.save(index, chunks);
    // The caller gets the error, and the replica stops: storage that failed once is not used again.
    saved.catch((error) => this.#driver.lifecycle.fail(error));
    return saved;
  }

  /**
   * Yields the present role, term and leader, then each change. Ends with the signal or with the replica.
   *
   * @param options `signal` ends the iteration
   */
  changes({ signal }: WaitOptions = {}): AsyncIterable<LeadershipChange> {
    return this.#parts.changes.stream(signal);
  }

  /**
   * Stops leading, and never campaigns again in this run. Still votes and follows. Idempotent.
   *
   * A leader names a successor, which campaigns at once and commits what it received; other proposals end as `lost`. A
   * cluster of one answers nothing after this, so finish its requests first.
   */
  resign(): void {
    this.#driver.step({ type: "resign" });
  }

  /**
   * Stops gracefully: accepts nothing more, finishes what is being written, and disposes of transport and persister.
   * Proposals that still wait end as `unknown`. Idempotent.
   *
   * @throws what failed while the replica ran
   */
  kill(): Promise<void> {
    return this.#driver.shutDown();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }
}
