import { type Clock, silentLogger, type Tracer } from "../ports/index.ts";
import {
  type Input,
  invariant,
  type Proposed,
  type RaftCore,
  type RaftReply,
  type RaftRequest,
  type Ready,
  type ReplicaId,
  type RoleName,
  type StoredConfiguration,
} from "../raft/index.ts";
import { configurationMismatch } from "./configuration-mismatch.ts";
import { checkRequest } from "./inbound-calls.ts";
import { Lifecycle } from "./lifecycle.ts";
import type { Beginning, RaftOptions } from "./options.ts";
import { Parts } from "./parts.ts";
import { storageLostError } from "./storage-lost.ts";
import { systemClock } from "./system-clock.ts";
import { WakeUp } from "./wake-up.ts";

/**
 * Drives one core. Every input is stepped at once. `take` is called once for all inputs of a turn of the event loop. So
 * many proposals share one write, and one message to each peer.
 */
export class Driver<Result> {
  readonly core: RaftCore;
  readonly parts: Parts<Result>;
  readonly lifecycle: Lifecycle;
  readonly #options: RaftOptions<Result>;
  readonly #clock: Clock;
  readonly #tracer: Tracer | undefined;
  readonly #peers: ReadonlySet<ReplicaId>;
  readonly #wakeUp: WakeUp;
  /** The core's role after the last take, or as restored. */
  #role: RoleName;
  /** The configuration in the core's log after the last take, or as restored. */
  #configuration: StoredConfiguration | undefined;
  #takeScheduled = false;

  constructor(options: RaftOptions<Result>, beginning: Beginning, core: RaftCore) {
    const { voters, id } = beginning.config;
    const { clock = systemClock, logger = silentLogger } = options;
    this.core = core;
    this.#options = options;
    this.#clock = clock;
    this.#tracer = options.tracer;
    this.#peers = new Set(voters.filter((voter) => voter !== id));
    this.#role = core.role;
    this.#configuration = core.configuration;
    this.lifecycle = new Lifecycle(logger, () => this.#halt());
    const { lifecycle } = this;
    const step = (input: Input) => this.step(input);
    this.parts = new Parts({ replica: options, beginning, core, clock, logger, lifecycle, step });
    this.#wakeUp = new WakeUp(clock, () => this.step({ type: "timer" }));
  }

  /** Gives the core a proposal; a stopped replica takes none. */
  propose(command: Uint8Array): Proposed {
    if (!this.lifecycle.isRunning) return { type: "notLeader", leader: undefined };
    this.parts.payloadLimit.observe();
    const proposed = this.core.propose(command);
    this.#tracer?.stepped({ type: "propose", data: command, proposed }, this.core.view(), this.#clock.now());
    if (proposed.type === "accepted") {
      invariant(proposed.term === this.core.currentTerm, "§5.3 a leader appends entries of its term");
      this.schedule();
    }
    return proposed;
  }

  /**
   * Gives the core a peer's request.
   *
   * @returns the reply, once the core lets it go
   * @throws Error if the request is refused; its sender learns why
   */
  handle(from: ReplicaId, request: RaftRequest): Promise<RaftReply> {
    if (!this.lifecycle.isRunning) throw new Error("the replica has stopped");
    if (!this.#peers.has(from)) throw new Error(`${from} is no peer of this replica`);
    checkRequest(from, request, this.#role);
    this.parts.terms.check(from, request.term);
    const { callId, reply } = this.parts.inbound.add();
    this.step({ type: "request", callId, from, request });
    return reply;
  }

  /** Gives the core one input. A stopped replica ignores it. */
  step(input: Input): void {
    if (!this.lifecycle.isRunning) return;
    this.parts.payloadLimit.observe();
    try {
      const nowMs = this.#clock.now();
      this.core.step(input, nowMs);
      this.#tracer?.stepped(input, this.core.view(), nowMs);
      this.schedule();
    } catch (error) {
      this.lifecycle.fail(error);
    }
  }

  /** Takes from the core at the end of this turn of the event loop. */
  schedule(): void {
    if (this.#takeScheduled) return;
    this.#takeScheduled = true;
    this.#clock.defer(() => {
      this.#takeScheduled = false;
      if (!this.lifecycle.isRunning) return;
      try {
        this.parts.reads.turnEnded();
        this.#act(this.core.take());
      } catch (error) {
        this.lifecycle.fail(error);
      }
    });
  }

  /**
   * Finishes what is being written, and releases transport and persister. Idempotent.
   *
   * @throws what failed during the replica's life
   */
  shutDown(): Promise<void> {
    const { transport, persister } = this.#options;
    const { saver, receiver, sender } = this.parts;
    return this.lifecycle.shutDown([
      () => transport[Symbol.asyncDispose](),
      () => saver.stop(),
      () => this.lifecycle.settled(),
      () => receiver.stop(),
      () => sender.closeAll(),
      () => persister[Symbol.asyncDispose](),
    ]);
  }

  /** Does what the core wants done; {@link Ready} has the contract. */
  #act(ready: Ready): void {
    if (ready.storageLost !== undefined) throw storageLostError(this.core.view(), ready.storageLost);
    this.#observe();
    this.#tracer?.took(ready, this.core.view());
    const { core, parts, lifecycle } = this;
    invariant(
      ready.apply.length === 0 || ready.apply.at(-1)?.index === core.lastApplied,
      "§5.3 the entries to apply end at `lastApplied`",
    );
    this.#send(ready);
    if (ready.persist !== undefined) lifecycle.track(parts.writes.write(ready.persist));
    parts.identities.observe(ready, core);
    for (const chunk of ready.storeChunks) lifecycle.track(parts.receiver.receive(chunk));
    parts.applying.apply(ready);
    for (const read of ready.reads) parts.reads.decided(read, core.leader);
    parts.reads.applied(core.lastApplied);
    if (ready.apply.length > 0 && parts.compaction.isDue) lifecycle.track(parts.compaction.run());
    if (ready.more) this.schedule();
    this.#wakeUp.by(core.deadline());
  }

  #send({ send, unanswered, sendChunks }: Ready): void {
    const { inbound, outbound, disk } = this.parts;
    for (const message of send) {
      if (message.type === "reply") inbound.answer(message.callId, message.reply);
      else outbound.send(message.to, message.request, message.deadlineMs);
    }
    for (const callId of unanswered) inbound.unanswered(callId);
    // A call without a reply at this point waits for the disk.
    if (disk.hangs) inbound.diskHangs();
    for (const chunk of sendChunks) this.lifecycle.track(outbound.sendChunk(chunk));
  }

  #observe(): void {
    const { core, parts } = this;
    const { role, configuration } = core;
    if (configuration !== this.#configuration) {
      // A replica of other voters must not acknowledge the entry that says so.
      const mismatch = configurationMismatch(this.#options, configuration);
      if (mismatch !== undefined) throw new RangeError(`voters: ${mismatch}`);
      this.#configuration = configuration;
    }
    parts.changes.observe(core);
    parts.peerWatch.observe(core, this.#clock.now());
    if (this.#role === "leader" && role !== "leader") this.lifecycle.track(parts.sender.closeAll());
    this.#role = role;
  }

  #halt(): void {
    this.#wakeUp.cancel();
    this.parts.halt();
  }
}
