import {
  defaultTuning,
  type Input,
  RaftCore,
  type RaftReply,
  type RaftRequest,
  type RaftTuning,
  type RaftView,
  type Ready,
  type ReplicaId,
  replicaId,
  type SentRequest,
} from "../../../src/raft/index.ts";
import { AbstractRaft } from "../../../src/testing/abstract-raft/index.ts";
import { seededRandom } from "../../raft/random.ts";
import { TestDisk } from "./disk.ts";

interface Due {
  readonly at: number;
  readonly run: () => void;
}

/** One replica that runs. */
export interface Machine {
  readonly id: ReplicaId;
  readonly core: RaftCore;
  readonly disk: TestDisk;
}

export interface CoresOptions extends Partial<RaftTuning> {
  readonly size: number;
  readonly seed: number;
  readonly volatileStorage?: boolean;
}

/** Cores on a network in virtual time. All their events are reported to the abstract Raft. */
export class Cores {
  now = 0;
  readonly random: () => number;
  readonly monitor: AbstractRaft;
  readonly ids: readonly ReplicaId[];
  readonly running: Map<ReplicaId, Machine> = new Map();
  /** Traced events so far. */
  events = 0;
  /** In ms: [shortest, longest]. */
  delayMs: readonly [number, number] = [1, 3];
  writeMs: readonly [number, number] = [1, 2];
  /** Of all requests and replies, in [0, 1]. */
  lossRate = 0;
  repeatRate = 0;
  readonly isolated: Set<ReplicaId> = new Set();
  readonly #options: CoresOptions;
  readonly #disks = new Map<ReplicaId, TestDisk>();
  #due: Due[] = [];
  #callIds = 0;
  readonly #calls = new Map<number, (reply: RaftReply) => void>();

  constructor(options: CoresOptions) {
    const {
      size,
      seed,
      volatileStorage = false,
      electionTimeoutMinMs = defaultTuning.electionTimeoutMinMs,
    } = options;
    this.#options = options;
    this.random = seededRandom(seed);
    this.ids = Array.from({ length: size }, (_, at) => replicaId(`n${at + 1}`));
    this.monitor = new AbstractRaft({ voters: this.ids, electionTimeoutMinMs, volatileStorage });
    for (const id of this.ids) this.start(id);
  }

  machine(id: ReplicaId): Machine {
    const machine = this.running.get(id);
    if (machine === undefined) throw new Error(`${id} is down`);
    return machine;
  }

  view(id: ReplicaId): RaftView {
    return this.machine(id).core.view();
  }

  get leader(): Machine | undefined {
    const leaders = [...this.running.values()].filter(({ core }) => core.view().role === "leader");
    return leaders.sort((a, b) => b.core.view().currentTerm - a.core.view().currentTerm)[0];
  }

  disk(id: ReplicaId): TestDisk {
    const disk = this.#disks.get(id) ?? new TestDisk();
    this.#disks.set(id, disk);
    return disk;
  }

  start(id: ReplicaId): void {
    const { size: _size, seed: _seed, volatileStorage = false, ...tuning } = this.#options;
    const disk = this.disk(id);
    const { random, ids: voters } = this;
    const core = new RaftCore(
      { ...defaultTuning, ...tuning, id, voters, volatileStorage, random },
      disk.state,
      this.now,
    );
    const machine = { id, core, disk };
    this.running.set(id, machine);
    this.monitor.started(id, disk.state, core.view());
    this.settle(machine);
  }

  crash(id: ReplicaId, writeIsLost = true): void {
    this.running.get(id)?.disk.crash(writeIsLost);
    if (this.running.delete(id)) this.monitor.crashed(id);
  }

  propose({ id, core }: Machine, text: string): void {
    const data = new TextEncoder().encode(text);
    const proposed = core.propose(data);
    this.events++;
    this.monitor.stepped(id, { type: "propose", data, proposed }, core.view(), this.now);
    this.settle(this.machine(id));
  }

  read(machine: Machine, readId: number): void {
    this.step(machine, { type: "read", readId });
    this.settle(machine);
  }

  snapshot(machine: Machine): void {
    const { lastApplied, snapshot } = machine.core.view();
    const meta = machine.core.snapshotMetaAt(lastApplied);
    if (lastApplied <= (snapshot?.lastIncludedIndex ?? 0) || meta === undefined) return;
    machine.disk.commitSnapshot(meta, new TextEncoder().encode(`all up to ${lastApplied}`));
    this.step(machine, { type: "snapshotSaved", meta });
    this.settle(machine);
  }

  step({ id, core }: Machine, input: Input): void {
    core.step(input, this.now);
    this.events++;
    this.monitor.stepped(id, input, core.view(), this.now);
  }

  /** Lets time pass until a condition holds. */
  until(condition: () => boolean, withinMs = 20_000): void {
    const end = this.now + withinMs;
    while (!condition()) if (!this.#runNext(end)) throw new Error(`not within ${withinMs} ms`);
  }

  elapse(ms: number): void {
    const end = this.now + ms;
    while (this.#runNext(end));
    this.now = end;
  }

  /** Does all that a replica wants done, as the shell does. */
  settle(machine: Machine): void {
    for (let more = true; more && this.#isUp(machine); ) {
      const ready = machine.core.take();
      if (ready.storageLost !== undefined) return this.crash(machine.id);
      this.events++;
      this.monitor.took(machine.id, ready, machine.core.view());
      this.#act(machine, ready);
      more = ready.more;
    }
  }

  #act(machine: Machine, { persist, send, sendChunks, storeChunks }: Ready): void {
    if (persist !== undefined) {
      machine.disk.begin(persist);
      this.#after(machine, this.writeMs, () => {
        machine.disk.complete();
        this.step(machine, { type: "persisted", batch: persist });
      });
    }
    for (const message of send) {
      if (message.type === "request") this.#call(machine, message.to, message.request, message.request);
      else this.#calls.get(message.callId)?.(message.reply);
    }
    for (const { to, request, maxBytes } of sendChunks) {
      const bytes = machine.disk.snapshotBytes;
      const data = bytes.slice(request.offset, request.offset + maxBytes);
      this.#call(
        machine,
        to,
        { ...request, data, done: request.offset + data.length >= bytes.length },
        request,
      );
    }
    for (const chunk of storeChunks) this.#after(machine, this.writeMs, () => this.#save(machine, chunk));
  }

  #save(machine: Machine, { callId, meta, offset, data, done }: Ready["storeChunks"][number]): void {
    this.step(machine, { type: "chunkStored", callId, meta, nextOffset: offset + data.length });
    if (!done) return;
    this.#after(machine, this.writeMs, () => {
      machine.disk.commitSnapshot(meta, new TextEncoder().encode(`all up to ${meta.lastIncludedIndex}`));
      // A crash in between leaves a snapshot that the core does not know.
      this.#after(machine, [0, 1], () => this.step(machine, { type: "snapshotInstalled", callId, meta }));
    });
  }

  /** One request with its reply, or a failure after a while. The request may be lost, late, or arrive twice. */
  #call(from: Machine, to: ReplicaId, request: RaftRequest, sent: SentRequest): void {
    let ended = false;
    const end = (input: Input) => {
      if (!ended) this.step(from, input);
      ended = true;
    };
    this.#after(from, [1500, 1500], () => end({ type: "failed", to, request: sent }));
    const arrive = () => {
      const receiver = this.running.get(to);
      if (receiver === undefined || this.#isLost(from.id, to)) return;
      const callId = ++this.#callIds;
      this.#calls.set(callId, (reply) => {
        this.#calls.delete(callId);
        if (this.#isLost(to, from.id)) return;
        this.#after(from, this.delayMs, () => end({ type: "reply", from: to, request, reply }));
      });
      this.step(receiver, { type: "request", callId, from: from.id, request });
      this.settle(receiver);
    };
    this.#at(this.#delay(this.delayMs), arrive);
    if (this.random() < this.repeatRate) this.#at(this.#delay([0, 3000]), arrive);
  }

  #isLost(from: ReplicaId, to: ReplicaId): boolean {
    return this.isolated.has(from) || this.isolated.has(to) || this.random() < this.lossRate;
  }

  #isUp(machine: Machine): boolean {
    return this.running.get(machine.id) === machine;
  }

  #delay([min, max]: readonly [number, number]): number {
    return min + Math.floor(this.random() * (max - min + 1));
  }

  #at(inMs: number, run: () => void): void {
    this.#due.push({ at: this.now + inMs, run });
  }

  /** Later, if the replica still lives then. */
  #after(machine: Machine, delay: readonly [number, number], run: () => void): void {
    this.#at(this.#delay(delay), () => {
      if (!this.#isUp(machine)) return;
      run();
      this.settle(machine);
    });
  }

  #runNext(end: number): boolean {
    let next: Due | undefined;
    for (const due of this.#due) if (next === undefined || due.at < next.at) next = due;
    const [sleeper] = [...this.running.values()].sort((a, b) => a.core.deadline() - b.core.deadline());
    const timerAt = sleeper?.core.deadline() ?? Number.POSITIVE_INFINITY;
    const at = Math.min(next?.at ?? Number.POSITIVE_INFINITY, timerAt);
    if (at > end) return false;
    this.now = Math.max(this.now, at);
    if (sleeper !== undefined && timerAt === at) {
      this.step(sleeper, { type: "timer" });
      this.settle(sleeper);
    } else if (next !== undefined) {
      this.#due.splice(this.#due.indexOf(next), 1);
      next.run();
    }
    return true;
  }
}
