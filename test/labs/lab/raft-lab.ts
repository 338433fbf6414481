import type { LogPosition, RaftView } from "../../../src/raft/index.ts";
import { Cluster } from "./cluster.ts";
import { type JournalOptions, JournalReplica, journalSubject } from "./journal-subject.ts";
import type { LabOptions } from "./plan.ts";

/** Time limits in ms for agreement on one command: for all attempts, and for one attempt. */
const AGREEMENT_MS = 10_000;
const TRY_MS = 2000;
const LEADER_MS = 5000;

export interface RaftLabOptions extends LabOptions, Pick<JournalOptions, "snapshotEvery"> {}

/** A cluster of journals. All of its methods that wait are for activities within `raftLab`. */
export class RaftLab extends Cluster<string, number> {
  readonly #disconnected = new Set<number>();
  #commands = 0;
  #turn = 0;

  constructor(options: RaftLabOptions) {
    super(options, (requestLeaves) => journalSubject(options, requestLeaves));
  }

  /** A command unlike all others. */
  command(): string {
    return `c${++this.#commands}`;
  }

  connect(...replicas: number[]): void {
    for (const n of replicas) this.#disconnected.delete(n);
    this.#applyConnections();
  }

  disconnect(...replicas: number[]): void {
    for (const n of replicas) this.#disconnected.add(n);
    this.#applyConnections();
  }

  isConnected(n: number): boolean {
    return !this.#disconnected.has(n);
  }

  get connected(): number[] {
    return this.all.filter((n) => this.isConnected(n));
  }

  /** The replica that follows another in a ring. */
  after(n: number, steps = 1): number {
    return (n + steps) % this.size;
  }

  /** The replica on a machine, once it has started and unless it is about to stop. */
  running(n: number): JournalReplica | undefined {
    const { processRun } = this.machine(n);
    const replica = processRun?.isStopping === false ? processRun.replica : undefined;
    return replica instanceof JournalReplica ? replica : undefined;
  }

  replica(n: number): JournalReplica {
    const replica = this.running(n);
    if (replica === undefined) throw new Error(`replica ${n} is not running`);
    return replica;
  }

  view(n: number): RaftView {
    return this.replica(n).raft.status();
  }

  /** The connected replicas that believe to lead, in the highest term. */
  get leader(): number | undefined {
    let leader: number | undefined;
    let highest = -1;
    for (const n of this.connected) {
      const state = this.running(n)?.raft.getState();
      if (!state?.isLeader || state.term <= highest) continue;
      leader = n;
      highest = state.term;
    }
    return leader;
  }

  /** Waits for a leader among the connected. That a term has no other is for the monitor to see. */
  async oneLeader(): Promise<number> {
    await this.time.until("a leader", LEADER_MS, () => this.leader !== undefined);
    const { leader } = this;
    if (leader === undefined) throw new Error("the leader is gone");
    return leader;
  }

  /** Appends a command, if this replica leads. */
  start(n: number, command: string): LogPosition | undefined {
    return this.running(n)?.raft.start(new TextEncoder().encode(command));
  }

  /** Number of replicas that have applied a command, or this `command`, at an index. */
  committedBy(index: number, command?: string): number {
    let count = 0;
    for (let n = 0; n < this.size; n++) {
      const applied = this.running(n)?.journal.at(index);
      if (applied !== undefined && (command === undefined || applied === command)) count++;
    }
    return count;
  }

  /** The command that any replica has applied at an index. */
  committed(index: number): string | undefined {
    for (const n of this.all) {
      const command = this.running(n)?.journal.at(index);
      if (command !== undefined) return command;
    }
    return undefined;
  }

  /**
   * Reaches agreement on one command, proposed to one connected replica after another.
   *
   * @param replicas the number of replicas that have to apply it
   * @param retry whether to propose it again without agreement in time, for example after a leader was deposed
   * @returns its index
   */
  async one(command: string, replicas: number, { retry }: { readonly retry: boolean }): Promise<number> {
    const endMs = this.time.now + AGREEMENT_MS;
    while (this.time.now < endMs) {
      const index = this.#startAnywhere(command);
      if (index === undefined) {
        await this.time.within(50, () => this.leader !== undefined);
        // A leader may just have lost its leadership.
        if (this.leader !== undefined) await this.time.sleep(1);
        continue;
      }
      const agreed = () => this.committedBy(index, command) >= replicas;
      if (await this.time.within(TRY_MS, agreed)) return index;
      if (!retry) break;
    }
    throw new Error(`no agreement of ${replicas} replicas on ${command}`);
  }

  /** The position of an index among the commands. The labs have no no-ops. */
  ordinal(n: number, index: number): number {
    const { termAt, firstLogIndex, entries } = this.view(n);
    if (firstLogIndex > 1 || termAt(index) === undefined)
      throw new RangeError(`index: ${index} is not in the log`);
    return entries(1, index).filter(({ type }) => type === "command").length;
  }

  #startAnywhere(command: string): number | undefined {
    for (let tries = 0; tries < this.size; tries++) {
      const n = this.#turn++ % this.size;
      const position = this.isConnected(n) ? this.start(n, command) : undefined;
      if (position !== undefined) return position.index;
    }
    return undefined;
  }

  #applyConnections(): void {
    this.connections.allow((a, b) => this.isConnected(a) && this.isConnected(b));
  }
}

/** Runs a test of the labs on a cluster of journals, started and connected. */
export async function raftLab(
  options: RaftLabOptions,
  activity: (lab: RaftLab) => Promise<void>,
): Promise<void> {
  const lab = new RaftLab(options);
  await lab.time.run(async () => {
    await lab.form();
    await activity(lab);
  });
}
