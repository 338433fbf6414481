import type { RaftRequest } from "../../../src/raft/index.ts";
import {
  type NetworkClass,
  RandomStream,
  type Subject,
  type TraceEvent,
} from "../../../src/testing/simulator/index.ts";
import type { Machine } from "../../../src/testing/simulator/machine.ts";
import { World } from "../../../src/testing/simulator/world.ts";
import { Connections } from "./connections.ts";
import { networksFor } from "./networks.ts";
import { type LabOptions, labPlan } from "./plan.ts";
import { logBytes } from "./stored-bytes.ts";
import { VirtualTime } from "./virtual-time.ts";
import type { RequestWatch } from "./watched-transport.ts";

/** The labs' election timeout, in ms: elections take less time. */
export const ELECTION_TIMEOUT_MS = 1000;

const FORM_MS = 10_000;
const MAX_EVENTS = 50_000_000;

/** A cluster as the labs' tests drive it: replicas are numbers from 0, clients the numbers after theirs. */
export class Cluster<Input, Output> {
  readonly world: World<Input, Output>;
  readonly time: VirtualTime;
  /** The test's random numbers. */
  readonly random: RandomStream;
  readonly connections: Connections;
  /** Number of Raft requests sent by replicas, by type. */
  readonly requests: Map<RaftRequest["type"], number> = new Map();
  /** The bytes of all messages, requests and replies, that replicas have sent. */
  bytesSent = 0;
  /** Number of files synced by replicas. */
  syncs = 0;
  /** The bytes that replicas have written to files, including the blank space written to log files in advance. */
  bytesWritten = 0;
  /** Number of inputs and proposals of all cores. */
  steps = 0;
  readonly #seed: number;

  /** @param subjectFor creates the replicas, given a listener for their requests */
  constructor(options: LabOptions, subjectFor: (requestLeaves: RequestWatch) => Subject<Input, Output>) {
    const subject = subjectFor((type) => this.requests.set(type, (this.requests.get(type) ?? 0) + 1));
    this.#seed = options.seed;
    const world = new World(labPlan<Input>(options), subject, {
      listener: (event) => this.#count(event),
      maxEvents: MAX_EVENTS,
    });
    this.world = world;
    this.time = new VirtualTime(world);
    this.random = new RandomStream(options.seed).fork("lab");
    this.connections = new Connections(world.network, options.replicas + (options.clients ?? 0));
  }

  get size(): number {
    return this.world.machines.length;
  }

  /** The numbers of all replicas. */
  get all(): number[] {
    return this.world.machines.map(({ number }) => number);
  }

  machine(n: number): Machine<Input, Output> {
    const machine = this.world.machines[n];
    if (machine === undefined) throw new RangeError(`n: 0 to ${this.size - 1}, not ${n}`);
    return machine;
  }

  isUp(n: number): boolean {
    return this.machine(n).isUp;
  }

  /** Kills the process; with half of the seeds the power fails too. */
  crash(n: number): void {
    this.machine(n).crash({ powerLoss: this.random.chance(500) });
  }

  crashAll(): void {
    for (const n of this.all) this.crash(n);
  }

  startAll(): void {
    for (const machine of this.world.machines) machine.start();
  }

  /**
   * Starts all replicas, and waits until they have bootstrapped. The labs have no such phase: a replica with empty
   * storage takes part only after it has reached all others (docs/decisions/0006).
   */
  async form(): Promise<void> {
    this.startAll();
    const isIn = ({ view }: Machine<Input, Output>) => view !== undefined && view.role !== "bootstrapping";
    await this.time.until("all replicas proven new", FORM_MS, () => this.world.machines.every(isIn));
  }

  /** From now on the network is the given network of the labs. */
  become(network: "reliable" | "unreliable" | "reordering"): void {
    const networkClass: NetworkClass = networksFor(this.#seed)[network];
    this.world.network.become(networkClass);
  }

  /** The bytes of the longest of all logs. */
  get longestLogBytes(): number {
    return Math.max(...this.world.machines.map(logBytes));
  }

  #count({ kind, machine, numbers: [what, bytes = 0] }: TraceEvent): void {
    if (machine >= this.size) return;
    if (kind === "send") this.bytesSent += bytes;
    if (kind === "sync" && what === 0) this.syncs++;
    if (kind === "write") this.bytesWritten += bytes;
    if (kind === "step") this.steps++;
  }
}
