import {
  type ChunkToSend,
  defaultTuning,
  type Input,
  type RaftReply,
  type RaftRequest,
  type RaftTuning,
  type ReadOutcome,
  type ReplicaId,
  replicaId,
  type SentRequest,
} from "../../src/raft/index.ts";
import { seededRandom } from "./random.ts";
import { DurableImage, TestReplica } from "./replica.ts";
import { SafetyMonitor } from "./safety-monitor.ts";

interface Event {
  readonly at: number;
  readonly run: () => void;
}

export interface Network {
  /** In ms, both included. */
  delayMs: readonly [number, number];
  /** Of requests and of replies, each, in [0, 1]. */
  dropRate: number;
  /** Duration of a write, in ms. */
  writeMs: readonly [number, number];
  /** The same for one replica, if disks differ. */
  writeMsOf?: (id: ReplicaId) => readonly [number, number];
  /** Time that a call waits for its reply, in ms. */
  callMs: number;
}

/** Cores that talk over a network of virtual time. Deterministic for a seed; safety is checked at every step. */
export class Cluster {
  now = 0;
  readonly random: () => number;
  readonly network: Network = { delayMs: [1, 3], dropRate: 0, writeMs: [1, 2], callMs: 400 };
  readonly replicas: Map<ReplicaId, TestReplica> = new Map();
  readonly reads: (ReadOutcome & { replica: ReplicaId })[] = [];
  /** The replicas that stopped because their storage lacked what others counted. */
  readonly storageLost: Set<ReplicaId> = new Set();
  readonly monitor: SafetyMonitor = new SafetyMonitor();
  readonly #images = new Map<ReplicaId, DurableImage>();
  readonly #tuning: Partial<RaftTuning>;
  readonly #cut = new Set<string>();
  #events: Event[] = [];
  #callIds = 0;
  #calls = new Map<number, (reply: RaftReply) => void>();

  readonly #volatileStorage: boolean;

  constructor(size: number, seed: number, tuning: Partial<RaftTuning> & { volatileStorage?: boolean } = {}) {
    this.random = seededRandom(seed);
    const { volatileStorage = false, ...rest } = tuning;
    this.#volatileStorage = volatileStorage;
    this.#tuning = rest;
    for (let n = 1; n <= size; n++) this.#images.set(replicaId(`n${n}`), new DurableImage());
    for (const id of this.ids) this.start(id);
  }

  get ids(): ReplicaId[] {
    return [...this.#images.keys()];
  }

  get leader(): TestReplica | undefined {
    const leaders = [...this.replicas.values()].filter((replica) => replica.core.view().role === "leader");
    return leaders.sort((a, b) => b.core.view().currentTerm - a.core.view().currentTerm)[0];
  }

  replica(id: ReplicaId): TestReplica {
    const replica = this.replicas.get(id);
    if (replica === undefined) throw new Error(`${id} is down`);
    return replica;
  }

  start(id: ReplicaId): void {
    const image = this.#images.get(id) ?? new DurableImage();
    const config = {
      ...defaultTuning,
      ...this.#tuning,
      id,
      voters: this.ids,
      volatileStorage: this.#volatileStorage,
      random: this.random,
    };
    const replica = new TestReplica(config, image, this.now);
    this.replicas.set(id, replica);
    this.#settle(replica);
  }

  /** Crashes a replica and takes all that it had stored. */
  wipe(id: ReplicaId): void {
    this.crash(id);
    this.#images.set(id, new DurableImage());
  }

  crash(id: ReplicaId): void {
    this.replicas.get(id)?.image.crash();
    this.replicas.delete(id);
  }

  cut(from: ReplicaId, to: ReplicaId): void {
    this.#cut.add(`${from}>${to}`);
  }

  isolate(id: ReplicaId): void {
    for (const other of this.ids) {
      if (other === id) continue;
      this.cut(id, other);
      this.cut(other, id);
    }
  }

  heal(): void {
    this.#cut.clear();
  }

  propose(replica: TestReplica, command: string): ReturnType<TestReplica["core"]["propose"]> {
    const proposed = replica.core.propose(new TextEncoder().encode(command));
    this.#settle(replica);
    return proposed;
  }

  read(replica: TestReplica, readId: number): void {
    this.monitor.readAsked(readId);
    replica.step({ type: "read", readId }, this.now);
    this.#settle(replica);
  }

  snapshot(replica: TestReplica): void {
    replica.saveSnapshot(this.now);
    this.#settle(replica);
  }

  /** Lets virtual time pass until a condition holds; fails when it does not within the time given. */
  until(condition: () => boolean, withinMs: number): void {
    const end = this.now + withinMs;
    while (!condition()) {
      if (!this.#runNext(end)) throw new Error(`not within ${withinMs} ms of virtual time`);
    }
  }

  elapse(ms: number): void {
    const end = this.now + ms;
    while (this.#runNext(end));
    this.now = end;
  }

  electLeader(): TestReplica {
    this.until(() => this.#hasReadyLeader(), 10_000);
    const { leader } = this;
    if (leader === undefined) throw new Error("no leader");
    return leader;
  }

  #hasReadyLeader(): boolean {
    const view = this.leader?.core.view();
    return view?.leadershipIndex !== undefined && view.commitIndex >= view.leadershipIndex;
  }

  #runNext(end: number): boolean {
    let next: Event | undefined;
    for (const event of this.#events) if (next === undefined || event.at < next.at) next = event;
    const timer = this.#nextTimer();
    const at = Math.min(next?.at ?? Number.POSITIVE_INFINITY, timer?.at ?? Number.POSITIVE_INFINITY);
    if (at > end) return false;
    this.now = Math.max(this.now, at);
    if (timer !== undefined && timer.at === at) {
      timer.replica.step({ type: "timer" }, this.now);
      this.#settle(timer.replica);
    } else if (next !== undefined) {
      const done = next;
      this.#events = this.#events.filter((event) => event !== done);
      done.run();
    }
    return true;
  }

  #nextTimer(): { at: number; replica: TestReplica } | undefined {
    let next: { at: number; replica: TestReplica } | undefined;
    for (const replica of this.replicas.values()) {
      const at = replica.core.deadline();
      if (next === undefined || at < next.at) next = { at, replica };
    }
    return next;
  }

  #after([min, max]: readonly [number, number], run: () => void): void {
    this.#events.push({ at: this.now + min + Math.floor(this.random() * (max - min + 1)), run });
  }

  /** Does all that a replica wants done, as the shell does. */
  #settle(replica: TestReplica): void {
    const alive = () => this.replicas.get(replica.config.id) === replica;
    for (let more = true; more; ) {
      const ready = replica.take();
      if (ready.storageLost !== undefined) {
        this.storageLost.add(replica.config.id);
        this.crash(replica.config.id);
        return;
      }
      more = ready.more || ready.storeChunks.length > 0;
      const { persist } = ready;
      if (persist !== undefined) {
        replica.image.begin(persist);
        const { writeMs, writeMsOf } = this.network;
        this.#after(writeMsOf?.(replica.config.id) ?? writeMs, () => {
          if (!alive()) return;
          replica.image.complete();
          replica.step({ type: "persisted", batch: persist }, this.now);
          this.#settle(replica);
        });
      }
      for (const message of ready.send) {
        if (message.type === "request") this.#call(replica, message.to, message.request, message.request);
        else this.#calls.get(message.callId)?.(message.reply);
      }
      for (const chunk of ready.sendChunks) this.#sendChunk(replica, chunk);
      for (const chunk of ready.storeChunks) replica.saveChunk(chunk, this.now);
      for (const read of ready.reads) this.monitor.readAnswered(read);
      this.reads.push(...ready.reads.map((read) => ({ ...read, replica: replica.config.id })));
      this.monitor.observe(replica, ready);
    }
  }

  #sendChunk(from: TestReplica, { to, request, maxBytes }: ChunkToSend): void {
    const { snapshot } = from.image;
    if (snapshot?.meta.lastIncludedIndex !== request.lastIncludedIndex) {
      // It was replaced by a newer one.
      this.#after([0, 0], () => this.#tell(from, { type: "failed", to, request }));
      return;
    }
    const data = snapshot.bytes.slice(request.offset, request.offset + maxBytes);
    const done = request.offset + data.length >= snapshot.bytes.length;
    this.#call(from, to, { ...request, data, done }, request);
  }

  /** Unless it has died meanwhile. */
  #tell(replica: TestReplica, input: Input): void {
    if (this.replicas.get(replica.config.id) !== replica) return;
    replica.step(input, this.now);
    this.#settle(replica);
  }

  /** One request with its reply, or a failure after a while. Either may be lost. */
  #call(from: TestReplica, to: ReplicaId, request: RaftRequest, sent: SentRequest): void {
    const { id } = from.config;
    let ended = false;
    const end = (input: Input) => {
      if (ended) return;
      ended = true;
      this.#tell(from, input);
    };
    const { callMs } = this.network;
    this.#after([callMs, callMs], () => end({ type: "failed", to, request: sent }));
    if (this.#lost(id, to)) return;
    this.#after(this.network.delayMs, () => {
      const receiver = this.replicas.get(to);
      if (receiver === undefined) return;
      const callId = ++this.#callIds;
      this.#calls.set(callId, (reply) => {
        this.#calls.delete(callId);
        this.monitor.replied(receiver, request, reply);
        if (this.#lost(to, id)) return;
        this.#after(this.network.delayMs, () => end({ type: "reply", from: to, request, reply }));
      });
      receiver.step({ type: "request", callId, from: id, request }, this.now);
      this.#settle(receiver);
    });
  }

  #lost(from: ReplicaId, to: ReplicaId): boolean {
    return this.#cut.has(`${from}>${to}`) || this.random() < this.network.dropRate;
  }
}
