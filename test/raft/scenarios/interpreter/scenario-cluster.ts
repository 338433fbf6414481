import {
  type Input,
  type LogPosition,
  type RaftTuning,
  type Ready,
  type ReplicaId,
  replicaId,
} from "../../../../src/raft/index.ts";
import { SafetyMonitor } from "../../safety-monitor.ts";
import { batchInWords, changesInWords, commandsOf, roleInWords, see } from "./change-in-words.ts";
import { Machine } from "./machine.ts";
import { Network } from "./network.ts";
import { Reads } from "./reads.ts";
import { Recorder } from "./recorder.ts";

/** The replicas of a scenario and the network between them. It carries out, records and checks the outputs of the replicas. */
export class ScenarioCluster {
  readonly recorder: Recorder = new Recorder();
  readonly network: Network = new Network(this);
  readonly reads: Reads = new Reads();
  readonly monitor: SafetyMonitor = new SafetyMonitor();
  #machines: Machine[] = [];

  /** Creates the replicas `n1`, `n2`, … */
  create(size: number, tuning: Partial<RaftTuning>): void {
    if (this.#machines.length > 0) throw new RangeError("the cluster exists already");
    const ids = Array.from({ length: size }, (_, at) => replicaId(`n${at + 1}`));
    this.#machines = ids.map((id) => new Machine(id, ids, tuning));
  }

  get machines(): readonly Machine[] {
    return this.#machines;
  }

  get ids(): ReplicaId[] {
    return this.#machines.map(({ id }) => id);
  }

  machine(name: string): Machine {
    const machine = this.#machines.find(({ id }) => id === name);
    if (machine === undefined) {
      throw new RangeError(`no replica ${name}, only ${this.ids.join(", ") || "an empty cluster"}`);
    }
    return machine;
  }

  /** Several replicas by their names, or `all`. */
  group(names: string): Machine[] {
    if (names === "all") return [...this.#machines];
    return names.split(/,? /).map((name) => this.machine(name));
  }

  /** Starts a replica from its disk. */
  start(machine: Machine): void {
    machine.seen = see(machine.start().core.view());
    this.settle(machine);
  }

  crash(machine: Machine): void {
    machine.crash();
    this.network.crashed(machine);
  }

  record(machine: Machine, line: string): void {
    this.recorder.add("event", line, machine.id);
  }

  step(machine: Machine, input: Input): void {
    machine.up.step(input, machine.nowMs);
    this.#recordChanges(machine);
    this.settle(machine);
  }

  /** Carries out all outputs of a replica, as the shell does. */
  settle(machine: Machine): void {
    for (let again = true; again && machine.replica !== undefined; ) {
      const ready = machine.replica.take();
      this.#recordChanges(machine);
      if (ready.storageLost !== undefined) {
        this.record(machine, `stops: its storage is empty, but ${ready.storageLost.peer} has counted it`);
        return this.crash(machine);
      }
      this.network.send(machine, ready);
      this.#begin(machine, ready);
      this.monitor.observe(machine.replica, ready);
      this.#apply(machine, ready);
      for (const outcome of ready.reads) {
        this.monitor.readAnswered(outcome);
        this.record(machine, this.reads.ended(outcome));
      }
      again = ready.more;
      if (machine.slowDisk) continue;
      if (machine.writing !== undefined) again = this.#finish(machine);
      for (const chunk of machine.chunks.splice(0)) again = this.#save(machine, chunk);
    }
  }

  /** Completes the write in flight, and notifies the replica. */
  completeWrite(machine: Machine): void {
    this.#finish(machine);
    this.settle(machine);
  }

  saveChunk(machine: Machine): void {
    const chunk = machine.chunks.shift();
    if (chunk === undefined) throw new RangeError(`${machine.id} has no chunk to save`);
    this.#save(machine, chunk);
    this.settle(machine);
  }

  /** Records the changes since the last call. */
  #recordChanges(machine: Machine): void {
    const view = machine.up.core.view();
    const changes = machine.seen === undefined ? [] : changesInWords(machine.seen, view);
    for (const [weight, line] of changes) this.recorder.add(weight, line, machine.id);
    machine.seen = see(view);
  }

  #begin(machine: Machine, { persist, storeChunks }: Ready): void {
    machine.chunks.push(...storeChunks);
    if (persist === undefined) return;
    machine.image.begin(persist);
    machine.writing = persist;
    if (machine.slowDisk) {
      this.recorder.add("detail", `is writing ${batchInWords(persist, machine.image)}`, machine.id);
    }
  }

  #finish(machine: Machine): boolean {
    const batch = machine.writing;
    if (batch === undefined) throw new RangeError(`${machine.id} is not writing anything`);
    this.recorder.add("detail", `wrote ${batchInWords(batch, machine.image)}`, machine.id);
    machine.writing = undefined;
    machine.image.complete();
    machine.up.step({ type: "persisted", batch }, machine.nowMs);
    this.#recordChanges(machine);
    return true;
  }

  #apply(machine: Machine, { apply }: Ready): void {
    const commands = commandsOf(apply);
    if (commands.length > 0) this.record(machine, `applies ${commands.join(" ")}`);
  }

  #save(machine: Machine, chunk: Ready["storeChunks"][number]): boolean {
    machine.up.saveChunk(chunk, machine.nowMs);
    if (chunk.done) {
      const { lastIncludedIndex: index, lastIncludedTerm: term } = chunk.meta;
      this.record(
        machine,
        `state is now the snapshot's at ${index}@${term}: ${machine.up.applied.map((command) => command.trimEnd()).join(" ")}`,
      );
    } else {
      this.recorder.add("detail", `saved bytes up to ${chunk.offset + chunk.data.length}`, machine.id);
    }
    this.#recordChanges(machine);
    return true;
  }
}

/** A replica's state after a restart, in one line. */
export function stateInWords(machine: Machine): string {
  const view = machine.up.core.view();
  const positions: LogPosition[] = [...view.entries(view.firstLogIndex, view.lastLogIndex)];
  const parts = [roleInWords(view)];
  if (view.votedFor !== undefined) parts.push(`voted for ${view.votedFor}`);
  if (view.snapshot !== undefined) {
    parts.push(`snapshot ${view.snapshot.lastIncludedIndex}@${view.snapshot.lastIncludedTerm}`);
  }
  const log = positions.map(({ index, term }) => `${index}@${term}`).join(" ");
  return [...parts, log === "" ? "no log" : `log ${log}`].join(", ");
}
