import {
  defaultTuning,
  type Input,
  type PersistedState,
  RaftCore,
  type RaftReply,
  type RaftRequest,
  type RaftView,
  type Ready,
  type ReplicaId,
  replicaId,
  type SnapshotMeta,
} from "../../../src/raft/index.ts";
import { AbstractRaft } from "../../../src/testing/abstract-raft/index.ts";
import { TestDisk } from "./disk.ts";

export const n1: ReplicaId = replicaId("n1");
export const n2: ReplicaId = replicaId("n2");
export const n3: ReplicaId = replicaId("n3");

export type Flight =
  | {
      readonly type: "request";
      readonly from: ReplicaId;
      readonly to: ReplicaId;
      readonly request: RaftRequest;
    }
  | {
      readonly type: "reply";
      readonly from: ReplicaId;
      readonly to: ReplicaId;
      readonly request: RaftRequest;
      readonly reply: RaftReply;
    };

type ForgeView = (view: RaftView) => RaftView;
type ForgeReady = (ready: Ready) => Ready;

/** Three cores that a test steps one by one. The events for the abstract Raft can be forged. */
export class CoreCluster {
  now = 0;
  readonly monitor: AbstractRaft = new AbstractRaft({
    voters: [n1, n2, n3],
    electionTimeoutMinMs: defaultTuning.electionTimeoutMinMs,
    volatileStorage: true,
  });
  readonly disks: ReadonlyMap<ReplicaId, TestDisk> = new Map([n1, n2, n3].map((id) => [id, new TestDisk()]));
  /** The messages in flight. */
  flight: Flight[] = [];
  readonly #cores = new Map<ReplicaId, RaftCore>();
  readonly #writes = new Map<ReplicaId, Ready["persist"]>();
  readonly #calls = new Map<number, { readonly from: ReplicaId; readonly request: RaftRequest }>();
  /** The id of the last delivered call. */
  lastCallId = 0;

  constructor() {
    for (const id of this.disks.keys()) this.start(id);
  }

  core(id: ReplicaId): RaftCore {
    const core = this.#cores.get(id);
    if (core === undefined) throw new Error(`${id} is down`);
    return core;
  }

  /** The last entry covered by a snapshot of this replica's log up to an index. */
  metaAt(id: ReplicaId, index: number): SnapshotMeta {
    const meta = this.core(id).snapshotMetaAt(index);
    if (meta === undefined) throw new Error(`${id} has no entry ${index}`);
    return meta;
  }

  view(id: ReplicaId): RaftView {
    return this.core(id).view();
  }

  disk(id: ReplicaId): TestDisk {
    const disk = this.disks.get(id);
    if (disk === undefined) throw new Error(`no ${id}`);
    return disk;
  }

  start(id: ReplicaId, state: PersistedState = this.disk(id).state): void {
    const voters = [n1, n2, n3];
    const config = {
      ...defaultTuning,
      maxInflightAppends: 4,
      pipelineFromMs: 0,
      id,
      voters,
      volatileStorage: true,
      random: () => 0,
    };
    this.disk(id).state = state;
    const core = new RaftCore({ ...config, retainedLogBytes: 0 }, state, this.now);
    this.#cores.set(id, core);
    this.#writes.delete(id);
    this.monitor.started(id, state, core.view());
  }

  crash(id: ReplicaId): void {
    this.disk(id).crash(true);
    this.#cores.delete(id);
    this.monitor.crashed(id);
  }

  /** Steps the core, and reports the step with a view that may be forged. */
  step(id: ReplicaId, input: Input, forge: ForgeView = (view) => view): void {
    this.core(id).step(input, this.now);
    this.monitor.stepped(id, input, forge(this.view(id)), this.now);
  }

  /** Takes a `Ready`, reports it (it may be forged), and carries it out. */
  take(id: ReplicaId, forge: ForgeReady = (ready) => ready): void {
    const ready = this.core(id).take();
    this.monitor.took(id, forge(ready), this.view(id));
    if (ready.persist !== undefined) {
      this.disk(id).begin(ready.persist);
      this.#writes.set(id, ready.persist);
    }
    for (const message of ready.send) {
      if (message.type === "request") {
        this.flight.push({ type: "request", from: id, to: message.to, request: message.request });
      } else {
        const call = this.#calls.get(message.callId);
        if (call !== undefined)
          this.flight.push({
            type: "reply",
            to: call.from,
            from: id,
            request: call.request,
            reply: message.reply,
          });
      }
    }
  }

  /** Fires the timer at its deadline. */
  timer(id: ReplicaId, forge?: ForgeView): void {
    this.now = Math.max(this.now, this.core(id).deadline());
    this.step(id, { type: "timer" }, forge);
  }

  write(id: ReplicaId, forge?: ForgeView): void {
    const batch = this.#writes.get(id);
    if (batch === undefined) throw new Error(`${id} has no write in flight`);
    this.#writes.delete(id);
    this.disk(id).complete();
    this.step(id, { type: "persisted", batch }, forge);
  }

  isWriting(id: ReplicaId): boolean {
    return this.#writes.has(id);
  }

  propose(id: ReplicaId, text = "command"): void {
    const data = new TextEncoder().encode(text);
    const proposed = this.core(id).propose(data);
    this.monitor.stepped(id, { type: "propose", data, proposed }, this.view(id), this.now);
  }

  /** Returns the first such message in flight. It stays in flight. */
  find(from: ReplicaId, to: ReplicaId, type: Flight["type"] = "request"): Flight {
    const flight = this.flight.find((one) => one.from === from && one.to === to && one.type === type);
    if (flight === undefined) throw new Error(`no ${type} from ${from} to ${to}`);
    return flight;
  }

  /** Returns the last such message. */
  last(from: ReplicaId, to: ReplicaId, type: Flight["type"] = "request"): Flight {
    const isWanted = (one: Flight) => one.from === from && one.to === to && one.type === type;
    return this.flight.findLast(isWanted) ?? this.find(from, to, type);
  }

  /** Returns the input for `step` of an arriving message. It may be used again. */
  arrival(flight: Flight): Input {
    const { from, request } = flight;
    if (flight.type === "reply") return { type: "reply", from, request, reply: flight.reply };
    const callId = ++this.lastCallId;
    this.#calls.set(callId, { from, request });
    return { type: "request", callId, from, request };
  }

  deliver(flight: Flight, forge?: ForgeView): void {
    this.flight = this.flight.filter((one) => one !== flight);
    this.step(flight.to, this.arrival(flight), forge);
  }

  /** Delivers all messages between some replicas and completes their writes, until none are left. */
  settle(...ids: ReplicaId[]): void {
    const isBetween = ({ from, to }: Flight) => ids.includes(from) && ids.includes(to);
    for (;;) {
      for (const id of ids) this.take(id);
      const writer = ids.find((id) => this.isWriting(id));
      const next = this.flight.find(isBetween);
      if (writer !== undefined) this.write(writer);
      else if (next !== undefined) this.deliver(next);
      else return;
    }
  }

  /** Runs a campaign with the named replicas. */
  elect(id: ReplicaId, ...others: ReplicaId[]): void {
    this.timer(id);
    this.settle(id, ...others);
  }

  /** Takes a `Ready` and reports it with other messages. */
  takeSending(id: ReplicaId, ...send: Ready["send"]): void {
    this.take(id, (ready) => ({ ...ready, send }));
  }

  /** Sends heartbeats, so that the others learn the commit index. */
  heartbeat(leader: ReplicaId, ...others: ReplicaId[]): void {
    this.timer(leader);
    this.settle(leader, ...others);
  }
}
