import { filePersister } from "../../../adapters/file/index.ts";
import { type Introductions, silentLogger, type Tracer } from "../../ports/index.ts";
import type { ReplicaId } from "../../raft/index.ts";
import { quickSeal } from "../quick-seal.ts";
import type { SimulatedDisk } from "./disk/index.ts";
import type { Mark } from "./marks/index.ts";
import type { MachineMonitor } from "./monitor/index.ts";
import type { ProcessRun } from "./process-run.ts";
import type { RunContext } from "./run-context.ts";
import type { ReplicaEnvironment } from "./subject.ts";
import { type MachineClock, type RandomStream, SimulatedTransport } from "./world/index.ts";

/** The replica's data directory on its machine's disk. */
export const DIRECTORY = "/data";

/** The machine that a process runs on. */
export interface HostMachine {
  readonly number: number;
  readonly id: ReplicaId;
  readonly clock: MachineClock;
  readonly disk: SimulatedDisk;
  readonly random: RandomStream;
  /** The number of processes started on the machine. */
  readonly era: number;
  readonly monitor: MachineMonitor;
  /** Wraps the replica's own judgement of the messages that arrive. */
  readonly judged: (introductions: Introductions) => Introductions;
}

/** Creates everything that a replica needs, for one run of its process. */
export function environmentOf<Input, Output>(
  processRun: ProcessRun<Input, Output>,
  host: HostMachine,
  world: RunContext,
): ReplicaEnvironment {
  const { clusterId, voters, clients, secret, network, trace, tuning, segmentBytes, compactLogBytes } = world;
  const { id, number, random, era, monitor } = host;
  const mark = (reached: Mark) => trace.marks.add(reached);
  const persister = filePersister({
    directory: DIRECTORY,
    clusterId,
    replicaId: id,
    disk: host.disk.of(processRun),
    random: random.fork(`blank space ${era}`).unit(),
    segmentBytes,
    compactLogBytes,
    logger: {
      ...silentLogger,
      warn: (message) => {
        if (message.startsWith("cut a torn record")) mark("a torn record cut off");
      },
    },
  });
  const transport = new SimulatedTransport({
    clusterId,
    self: id,
    seal: secret === undefined ? undefined : quickSeal(secret, random.fork(`seal ${era}`).unit()),
    outsider: world.outsiderAt(id),
    exchange: (to, bytes) =>
      processRun.alive
        ? network.exchange(processRun, number, voters.indexOf(to), bytes)
        : new Promise<never>(() => {}),
    leave: () => {
      processRun.transport = undefined;
    },
    replyLeaves: monitor.replyLeaves,
    judged: host.judged,
  });
  processRun.transport = transport;
  return {
    id,
    voters,
    clients,
    transport,
    persister,
    clock: host.clock.of(processRun, (kind) => trace.record(kind, number)),
    random: random.fork(`life ${era}`).unit(),
    tuning,
    tracer: timed(monitor.tracer, processRun, world),
  };
}

/** Adds the cost of a turn: the process is busy, and nothing else happens in it meanwhile. */
function timed<Input, Output>(
  tracer: Tracer,
  processRun: ProcessRun<Input, Output>,
  { scheduler, work }: RunContext,
): Tracer {
  if (work === undefined) return tracer;
  return {
    started: (start, view) => tracer.started(start, view),
    stepped: (input, view, nowMs) => tracer.stepped(input, view, nowMs),
    took: (ready, view) => {
      tracer.took(ready, view);
      let workUs = 0;
      for (const { data } of ready.apply) workUs += work.entryUs + (work.kibibyteUs * data.length) / 1024;
      if (workUs > 0) processRun.busyUntilUs = scheduler.nowUs + Math.ceil(workUs);
    },
  };
}
