import type { Seal } from "../../ports/index.ts";
import { defaultTuning, InvariantViolation, type ReplicaId, replicaId } from "../../raft/index.ts";
import { quickSeal } from "../quick-seal.ts";
import { Availability } from "./availability.ts";
import { clientAt, clientId } from "./client.ts";
import { CopiedMachines } from "./copied-machines.ts";
import { Uses } from "./copies/index.ts";
import { Holder } from "./holder.ts";
import { Machine } from "./machine.ts";
import { copyMonitor, Monitor, type StepListener, Violation, voterMonitor } from "./monitor/index.ts";
import { Nemesis } from "./nemesis.ts";
import { Interceptor, Outsider } from "./outsider/index.ts";
import { OUTSIDE, type Plan } from "./plan/index.ts";
import { Refinement } from "./refinement.ts";
import type { RunContext } from "./run-context.ts";
import { StepLog } from "./step-log.ts";
import type { Client, Subject } from "./subject.ts";
import { Workload } from "./workload.ts";
import {
  EventLimitExceeded,
  Network,
  type OutsiderWatch,
  RandomStream,
  Scheduler,
  Trace,
  type TraceEvent,
} from "./world/index.ts";
import { electionTimeoutOf, writeBoundMs } from "./write-bound.ts";

/** Options of `run`. */
export interface RunOptions {
  /** Called with every event. */
  readonly listener?: (event: TraceEvent) => void;
  /** Whether each step must also be a step of an abstract Raft; see `AbstractRaft`. Default: false. */
  readonly refinement?: boolean;
  /** Called with every step of the replicas; may throw a violation. */
  readonly observers?: readonly StepListener[];
  /** More events than this count as a lack of progress. Default: 2 million. */
  readonly maxEvents?: number;
}

const clusterId = "simulated";

/** Everything in one run. */
export class World<Input, Output> {
  readonly plan: Plan<Input>;
  readonly subject: Subject<Input, Output>;
  readonly scheduler: Scheduler = new Scheduler();
  readonly trace: Trace;
  readonly random: RandomStream;
  readonly network: Network;
  readonly monitor: Monitor;
  readonly machines: readonly Machine<Input, Output>[];
  /** Machines on copies of replicas' data, if any. */
  readonly copies: CopiedMachines<Input, Output>;
  readonly nemesis: Nemesis;
  readonly workload: Workload<Input, Output>;
  readonly availability: Availability<Input, Output>;
  violation: Violation | undefined;
  readonly #maxEvents: number;
  /** The cluster's secret. Undefined if messages have no seal. */
  readonly #secret: string | undefined;
  /** Present if someone without the secret is on the network. */
  readonly #interceptor: Interceptor | undefined;

  constructor(plan: Plan<Input>, subject: Subject<Input, Output>, options: RunOptions) {
    this.plan = plan;
    this.subject = subject;
    this.#maxEvents = options.maxEvents ?? 2_000_000;
    const { scheduler } = this;
    this.trace = new Trace(() => scheduler.nowUs, options.listener);
    this.random = new RandomStream(plan.seed);
    this.network = new Network(scheduler, this.trace, this.random.fork("links"), plan.network);
    this.#secret = plan.sealed ? `the secret of run ${plan.seed}` : undefined;
    this.#interceptor = this.#makeInterceptor();
    this.network.tap = this.#interceptor;
    const voters = Array.from({ length: plan.replicas }, (_, n) => replicaId(`n${n + 1}`));
    const uses = new Uses((violation) => this.fail(violation));
    const context = this.#context(voters, uses);
    this.machines = this.#makeMachines(context);
    this.monitor = new Monitor(
      this.machines.map(({ id, disk }) => ({ id, platter: () => disk.platter })),
      plan.tuning.electionTimeoutMinMs ?? defaultTuning.electionTimeoutMinMs,
      this.#listeners(voters, options),
    );
    this.copies = this.#makeCopies(context);
    this.nemesis = new Nemesis({
      machines: this.machines,
      copies: this.copies,
      network: this.network,
      scheduler,
      trace: this.trace,
      random: this.random.fork("nemesis"),
      holder: new Holder(this.#sealOf(this.#secret, "holder")),
      outsider: this.#makeOutsider(),
      report: (violation) => this.fail(violation),
    });
    const clients = this.#makeClients(voters);
    this.workload = new Workload({
      clients,
      scheduler,
      trace: this.trace,
      firstMachine: plan.replicas,
      report: (violation) => this.fail(violation),
    });
    this.availability = new Availability({
      machines: this.machines,
      network: this.network,
      scheduler,
      subject,
      everyMs: electionTimeoutOf(plan),
      electionTimeoutMinMs: plan.tuning.electionTimeoutMinMs ?? defaultTuning.electionTimeoutMinMs,
      boundMs: (syncMs) => writeBoundMs(plan, syncMs),
      report: (violation) => this.fail(violation),
    });
  }

  /** Lets time pass. Ends early if a property is broken or `done` returns true. */
  async elapse(ms: number, done: () => boolean = () => false): Promise<boolean> {
    const { scheduler } = this;
    const settled = () => this.#compareStates();
    const broken = () => this.violation !== undefined || this.monitor.violation !== undefined;
    const options = { done: () => broken() || done(), settled, limit: this.#maxEvents };
    try {
      await scheduler.run(scheduler.nowUs + Math.ceil(ms * 1000), options);
    } catch (error) {
      this.violation ??= asViolation(error);
    }
    this.violation ??= this.monitor.violation;
    return this.violation === undefined && done();
  }

  fail(violation: Violation): void {
    this.violation ??= violation;
  }

  /** Checks P10 for replicas that have just applied something. */
  #compareStates(): void {
    for (const machine of this.machines) machine.compareState();
    for (const machine of this.copies.machines) machine.compareState();
  }

  #makeClients(voters: readonly ReplicaId[]): Client<Input, Output>[] {
    const { plan, scheduler, network, trace, subject, random, machines } = this;
    const world = {
      clusterId,
      voters,
      secret: this.#secret,
      scheduler,
      network,
      trace,
      subject,
      replicaOn: (machine: number) => machines[machine]?.processRun?.replica,
      acknowledged: (index: number) => this.monitor.acknowledged(index),
    };
    return Array.from({ length: plan.clients }, (_, n) => {
      const home = subject.residents === undefined ? undefined : machines[plan.homes[n] ?? OUTSIDE];
      if (home === undefined) return clientAt(n, random.fork(`client ${n}`), world);
      return { call: (input, signal, timeoutMs) => home.ask(input, signal, timeoutMs) };
    });
  }

  #listeners(voters: readonly ReplicaId[], { refinement, observers = [] }: RunOptions): StepListener[] {
    const stepLog = new StepLog(this.trace, () => this.monitor);
    const abstract = refinement ? [new Refinement(voters, this.plan.tuning)] : [];
    return [stepLog, ...abstract, ...observers];
  }

  #context(voters: readonly ReplicaId[], uses: Uses): RunContext {
    const { plan, scheduler, network, trace } = this;
    return {
      clusterId,
      voters,
      clients: Array.from({ length: plan.clients }, (_, n) => clientId(n)),
      secret: this.#secret,
      outsiderAt: (id) => this.#outsiderAt(id),
      scheduler,
      network,
      trace,
      uses,
      tuning: plan.tuning,
      limits: plan.limits,
      segmentBytes: plan.segmentBytes,
      compactLogBytes: plan.compactLogBytes,
      diskClass: plan.disk,
      ...(plan.work && { work: plan.work }),
      report: (violation) => this.fail(violation),
    };
  }

  #sealOf(secret: string | undefined, user: string): Seal | undefined {
    return secret === undefined ? undefined : quickSeal(secret, this.random.fork(`seal of ${user}`).unit());
  }

  #makeInterceptor(): Interceptor | undefined {
    if (!this.plan.faults.some(({ kind }) => kind === "outsider")) return undefined;
    const seal = this.#sealOf(this.#secret, "judge");
    const otherSeal = this.#sealOf("another secret", "interceptor");
    if (seal === undefined || otherSeal === undefined) return undefined;
    return new Interceptor({ random: this.random.fork("interceptor"), seal, otherSeal });
  }

  #outsiderAt(id: ReplicaId): OutsiderWatch | undefined {
    const interceptor = this.#interceptor;
    return (
      interceptor && {
        isForged: (answer) => interceptor.isForged(answer),
        tookForged: () => this.fail(new Violation("rule", `${id} takes a reply that was forged on its way`)),
      }
    );
  }

  #makeOutsider(): Outsider | undefined {
    const { scheduler, trace, machines, copies } = this;
    const interceptor = this.#interceptor;
    const [seal, otherSeal] = [
      this.#sealOf(this.#secret, "judge"),
      this.#sealOf("another secret", "outsider"),
    ];
    if (interceptor === undefined || seal === undefined || otherSeal === undefined) return undefined;
    return new Outsider({
      ...{ clusterId, machines, interceptor, seal, otherSeal, scheduler, trace },
      copies: () => copies.machines,
      imageOf: (number) => this.monitor.observed(number).image,
      random: this.random.fork("outsider"),
      report: (violation) => this.fail(violation),
    });
  }

  #makeMachines(world: RunContext): Machine<Input, Output>[] {
    const { plan, network, subject } = this;
    return world.voters.map((id, number) => {
      const random = this.random.fork(id);
      const monitor = once(() => voterMonitor(this.monitor, number));
      const machine = new Machine({ number, id, subject, random, world, monitor });
      machine.clock.setRate(plan.clockPpm[number] ?? 1_000_000);
      network.stations.push(machine);
      return machine;
    });
  }

  #makeCopies(world: RunContext): CopiedMachines<Input, Output> {
    const { network, scheduler, subject, trace, machines: originals } = this;
    const random = this.random.fork("copies");
    let built = 0;
    return new CopiedMachines({
      originals,
      network,
      scheduler,
      uses: world.uses,
      build: (number, platter, supervisor) => {
        const id = world.voters[number];
        if (id === undefined) throw new RangeError(`number: no replica runs on ${number}`);
        const monitor = once(() => copyMonitor(this.monitor, id));
        const copy = { platter, supervisor };
        return new Machine({ number, id, subject, random: random.fork(built++), world, monitor, copy });
      },
      hit: (mark) => trace.marks.add(mark),
      report: (violation) => this.fail(violation),
    });
  }
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function asViolation(error: unknown): Violation {
  if (error instanceof Violation) return error;
  if (error instanceof EventLimitExceeded) return new Violation("liveness", error.message);
  if (error instanceof InvariantViolation) return new Violation("bug", error.message);
  throw error;
}
