import { type Introductions, PersisterError } from "../../ports/index.ts";
import type { RaftView, ReplicaId } from "../../raft/index.ts";
import { type Backup, backupOf, type Supervisor } from "./copies/index.ts";
import { type Platter, SimulatedDisk } from "./disk/index.ts";
import type { Mark } from "./marks/index.ts";
import { type MachineMonitor, recordsEnd, Violation } from "./monitor/index.ts";
import { ProcessRun } from "./process-run.ts";
import { DIRECTORY, environmentOf } from "./replica-environment.ts";
import type { RunContext } from "./run-context.ts";
import type { Ended, RunningReplica, Subject } from "./subject.ts";
import { type Host, hashOfBytes, MachineClock, type RandomStream, type Station } from "./world/index.ts";

const RESTART_AFTER_US = 400_000;

/** States are compared at every multiple of this index, because reading one is expensive. */
const COMPARE_EVERY = 8;

/** The number of newest copies of a disk that are kept. */
const BACKUPS = 4;

/** The parts of a machine. */
export interface MachineOptions<Input, Output> {
  readonly number: number;
  readonly id: ReplicaId;
  readonly subject: Subject<Input, Output>;
  readonly random: RandomStream;
  readonly world: RunContext;
  /** Called when the first process starts. */
  readonly monitor: () => MachineMonitor;
  /** Present if the machine has a copy of another one's disk. */
  readonly copy?: { readonly platter: Platter; readonly supervisor: Supervisor };
}

/** Why a machine is out for good: its storage is gone or damaged. */
export type StorageLoss = "wiped" | "flipped";

/** One machine with its disk and its clock, and the replica on it while it runs. */
export class Machine<Input, Output> implements Host, Station {
  readonly alive = true;
  readonly number: number;
  readonly id: ReplicaId;
  readonly clock: MachineClock;
  readonly disk: SimulatedDisk;
  pausedUntilUs = 0;
  processRun: ProcessRun<Input, Output> | undefined;
  storageLoss: StorageLoss | undefined;
  /** Its replica refused to start on the current storage. */
  out = false;
  /** Its disk was removed: another machine runs in its environment. */
  isShelved = false;
  /** Another machine has its address too, so messages may not reach it. */
  sharesAddress = false;
  /** The contents of the disk at each start of a process, oldest first. */
  readonly backups: Backup[] = [];
  readonly #subject: Subject<Input, Output>;
  readonly #random: RandomStream;
  readonly #world: RunContext;
  readonly #monitor: () => MachineMonitor;
  readonly #supervisor: Supervisor | undefined;
  #lives = 0;
  /** A start was requested while it was still stopping. */
  #startsAgain = false;
  #comparedAt = 0;
  #hasStarted = false;

  constructor({ number, id, subject, random, world, monitor, copy }: MachineOptions<Input, Output>) {
    this.number = number;
    this.id = id;
    this.#subject = subject;
    this.#random = random;
    this.#world = world;
    this.#monitor = monitor;
    this.#supervisor = copy?.supervisor;
    const { scheduler, trace, diskClass } = world;
    this.clock = new MachineClock(scheduler, 1_000_000);
    this.disk = new SimulatedDisk({
      machine: number,
      scheduler,
      trace,
      random: random.fork("disk"),
      diskClass,
      ...(copy && { platter: copy.platter }),
      watch: {
        synced: (path, content) => this.#judge(() => monitor().image.synced(path, content)),
        namesSynced: () => this.#judge(() => monitor().image.namesSynced()),
      },
      diesBetweenOperations: () => {
        this.crash({ powerLoss: true });
        this.#restartLater();
      },
    });
  }

  /** Whether its disk is a copy of another one's. */
  get isCopy(): boolean {
    return this.#supervisor !== undefined;
  }

  get host(): Host {
    return this;
  }

  get view(): RaftView | undefined {
    return this.processRun?.isStopping === false ? this.#monitor().view : undefined;
  }

  /** The cluster's uid as known to the replica. */
  get clusterUid(): Uint8Array | undefined {
    return this.processRun?.transport?.clusterUid;
  }

  get era(): number {
    return this.#lives;
  }

  /** Whether a process runs, possibly still starting. */
  get isUp(): boolean {
    return this.processRun !== undefined;
  }

  get isRunning(): boolean {
    return this.processRun?.replica !== undefined;
  }

  /** A network station: without a process there is no answer. */
  handle(bytes: Uint8Array): Promise<Uint8Array> | undefined {
    return this.processRun?.transport?.handle(bytes);
  }

  /** Starts a process if none runs. */
  start(): void {
    if (this.processRun?.isStopping) this.#startsAgain = true;
    if (this.processRun !== undefined || this.out || this.isShelved) return;
    if (this.#supervisor === undefined) this.#backUp();
    const processRun = new ProcessRun<Input, Output>(this);
    this.processRun = processRun;
    this.#startsAgain = false;
    this.#world.trace.record("start", this.number, [++this.#lives, this.#supervisor === undefined ? 0 : 1]);
    const environment = environmentOf(processRun, this.#host(), this.#world);
    const starting = this.#subject.start(environment, this.#world.limits);
    starting.then(
      (replica) => this.#started(processRun, replica),
      (error: unknown) => this.#failed(processRun, error),
    );
  }

  /** Kills the process. With a power failure, the disk loses what was not synced. */
  crash({ powerLoss }: { readonly powerLoss: boolean }): void {
    if (this.processRun === undefined) return;
    this.#world.trace.record("crash", this.number, [powerLoss ? 1 : 0]);
    this.#end();
    if (!powerLoss) return;
    if (this.disk.platter.hasUnsynced) this.#mark("a loss of power between write and sync");
    if (this.disk.platter.hasUnsyncedNames) this.#mark("a name in a directory lost with the power");
    this.disk.losePower();
  }

  requestSnapshot(): void {
    // A failure stops the replica, which is detected there.
    this.processRun?.replica?.raft.requestSnapshot().catch(() => {});
  }

  /** The replica is about to stop: it hands leadership over while it still answers. */
  resign(): void {
    this.processRun?.replica?.raft.resign();
  }

  /** Shuts the process down gracefully; nothing may fail. */
  async stop(): Promise<void> {
    const { processRun } = this;
    if (processRun?.replica === undefined) return;
    this.#world.trace.record("stop", this.number);
    processRun.isStopping = true;
    try {
      await processRun.replica.raft.kill();
    } catch (error) {
      if (processRun.alive && !this.disk.hasFailed) this.#reportBug(error);
    }
    if (!processRun.alive) return;
    this.#end();
    if (this.#startsAgain) this.start();
  }

  /**
   * Makes a request as a client in the process does: it knows the leader, pauses with the process, and dies with it.
   *
   * @returns `none` if no replica runs, or it has no client; `unknown` if the process ended first
   */
  async ask(input: Input, signal: AbortSignal, timeoutMs: number): Promise<Ended<Output>> {
    const { processRun } = this;
    const client = processRun?.replica?.client;
    if (processRun === undefined || client === undefined) return { type: "none" };
    const ended = processRun.ended.then(() => ({ type: "unknown" }) as const);
    return Promise.race([client.call(input, signal, timeoutMs), ended]);
  }

  /** P10: compares the state with that of others at the same index, if something was applied since. */
  compareState({ always }: { readonly always: boolean } = { always: false }): void {
    const replica = this.processRun?.replica;
    const lastApplied = this.view?.lastApplied;
    if (replica === undefined || lastApplied === undefined || (lastApplied === this.#comparedAt && !always))
      return;
    this.#comparedAt = lastApplied;
    const alarm = replica.alarm?.();
    if (alarm !== undefined) this.#world.report(new Violation("bug", `${this.id} says that ${alarm}`));
    if (lastApplied % COMPARE_EVERY !== 0 && !always) return;
    let hash = 0;
    for (const chunk of replica.state()) hash = hashOfBytes(chunk, hash);
    this.#judge(() => this.#monitor().state(lastApplied, hash));
  }

  wipe(): void {
    this.crash({ powerLoss: true });
    this.disk.platter.wipe();
    this.#hasStarted = false;
    this.storageLoss = "wiped";
    this.#monitor().storageDamaged({ gone: true });
  }

  /** Flips stored bits while the machine is off. */
  flipBits(amount: number): void {
    this.crash({ powerLoss: amount % 2 === 0 });
    this.storageLoss = "flipped";
    this.#monitor().storageDamaged({ gone: false });
    const files = [...this.disk.platter.durableNames].sort(([a], [b]) => (a < b ? -1 : 1));
    const [name, content] = files[(amount >> 1) % files.length] ?? [];
    const usedBits = content === undefined ? 0 : 8 * usedBytes(content.durable);
    if (usedBits === 0) return;
    const bit = (amount >> 4) % usedBits;
    content?.flip(bit);
    this.#world.trace.record("disk", this.number, [bit], `a bit of ${name} flips`);
  }

  #host() {
    const { id, number, clock, disk } = this;
    const { uses } = this.#world;
    const era = this.#lives;
    return {
      id,
      number,
      clock,
      disk,
      era,
      random: this.#random,
      monitor: this.#monitor(),
      judged: (introductions: Introductions) => uses.judged(id, introductions, this.#supervisor?.copied(era)),
    };
  }

  /** Keeps a copy of the disk for later. */
  #backUp(): void {
    const backup = this.storageLoss === undefined ? backupOf(this.disk.platter, DIRECTORY) : undefined;
    if (backup === undefined) return;
    this.backups.push(backup);
    if (this.backups.length > BACKUPS) this.backups.shift();
  }

  #started(processRun: ProcessRun<Input, Output>, replica: RunningReplica<Input, Output>): void {
    if (!processRun.alive) return;
    processRun.replica = replica;
    this.#hasStarted = true;
    this.#supervisor?.started();
    replica.raft.stopped.then((failure) => {
      if (failure !== undefined && processRun.alive) this.#failed(processRun, failure);
    });
  }

  /** The replica stopped: its process ends with an error, which is correct if a fault caused it. */
  #failed(processRun: ProcessRun<Input, Output>, error: unknown): void {
    if (!processRun.alive) return;
    this.#world.trace.record("stop", this.number, [1], error instanceof Error ? error.message : error);
    const hadFailed = this.disk.hasFailed;
    this.#end();
    if (error instanceof Violation) return;
    const reason = error instanceof PersisterError ? error.reason : undefined;
    if (this.#supervisor?.stopped(reason, { wasRunning: processRun.replica !== undefined })) return;
    if (reason === "failed" && hadFailed) {
      this.#restartLater();
      return this.#mark("a sync that failed");
    }
    // Without space no new directory can be created; in a used one a replica starts.
    if (reason === "full" && hadFailed && !this.#hasStarted) return this.#restartLater();
    const lost = reason === "storageLost" ? "wiped" : reason === "corrupt" ? "flipped" : undefined;
    if (lost !== undefined && this.storageLoss === lost) {
      this.out = true;
      this.#mark(
        lost === "wiped" ? "a replica without its storage kept out" : "a bit flipped at rest found out",
      );
      return;
    }
    this.#reportBug(error);
  }

  /** A supervisor restarts the process. */
  #restartLater(): void {
    this.#world.scheduler.after(RESTART_AFTER_US, undefined, () => this.start());
  }

  #mark(mark: Mark): void {
    this.#world.trace.marks.add(mark);
  }

  #reportBug(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.#world.report(new Violation("bug", `${this.id} stopped: ${message}`));
  }

  #end(): void {
    this.processRun?.end();
    this.processRun = undefined;
    this.pausedUntilUs = 0;
    this.disk.userEnded();
    this.#monitor().ended();
  }

  /** Checks what has just become durable. */
  #judge(check: () => void): void {
    try {
      check();
    } catch (error) {
      if (error instanceof Violation) this.#world.report(error);
      else throw error;
    }
  }
}

/** Returns the end of the last record, which blank space follows, or the length of any other file. */
function usedBytes(bytes: Uint8Array): number {
  return recordsEnd(bytes) || bytes.length;
}
