import { filePersister } from "../../../adapters/file/index.ts";
import { type Introductions, silentLogger, type Tracer } from "../../ports/index.ts";
import type { ReplicaId } from "../../raft/index.ts";
import type { SimulatedDisk } from "./disk/index.ts";
import type { Life } from "./life.ts";
import type { Mark } from "./marks/index.ts";
import type { Witness } from "./monitor/index.ts";
import type { ReplicaPlace } from "./subject.ts";
import type { Surroundings } from "./surroundings.ts";
import { type MachineClock, type RandomStream, SimulatedTransport } from "./world/index.ts";

/** The replica's data directory on its machine's disk. */
export const DIRECTORY = "/data";

/** The machine that a process runs on. */
export interface Ground {
  readonly number: number;
  readonly id: ReplicaId;
  readonly clock: MachineClock;
  readonly disk: SimulatedDisk;
  readonly random: RandomStream;
  /** The number of processes started on the machine. */
  readonly era: number;
  readonly witness: Witness;
  /** Wraps the replica's own judgement of the messages that arrive. */
  readonly judged: (introductions: Introductions) => Introductions;
}

/** Creates everything that a replica needs, for one run of its process. */
export function placeOf<Input, Output>(
  life: Life<Input, Output>,
  ground: Ground,
  world: Surroundings,
): ReplicaPlace {
  const { clusterId, voters, network, trace, tuning, segmentBytes, compactLogBytes } = world;
  const { id, number, random, era, witness } = ground;
  const mark = (reached: Mark) => trace.marks.add(reached);
  const persister = filePersister({
    directory: DIRECTORY,
    clusterId,
    replicaId: id,
    voters,
    disk: ground.disk.of(life),
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
    exchange: (to, bytes) =>
      life.alive ? network.exchange(life, number, voters.indexOf(to), bytes) : new Promise<never>(() => {}),
    leave: () => {
      life.transport = undefined;
    },
    watch: witness.messages,
    judged: ground.judged,
  });
  life.transport = transport;
  return {
    id,
    voters,
    transport,
    persister,
    clock: ground.clock.of(life, (kind) => trace.record(kind, number)),
    random: random.fork(`life ${era}`).unit(),
    tuning,
    tracer: timed(witness.tracer, life, world),
  };
}

/** Adds the cost of a turn: the process is busy, and nothing else happens in it meanwhile. */
function timed<Input, Output>(
  tracer: Tracer,
  life: Life<Input, Output>,
  { scheduler, work }: Surroundings,
): Tracer {
  if (work === undefined) return tracer;
  return {
    started: (restored, view) => tracer.started(restored, view),
    stepped: (input, view, nowMs) => tracer.stepped(input, view, nowMs),
    took: (ready, view) => {
      tracer.took(ready, view);
      let workUs = 0;
      for (const { data } of ready.apply) workUs += work.entryUs + (work.kibibyteUs * data.length) / 1024;
      if (workUs > 0) life.busyUntilUs = scheduler.nowUs + Math.ceil(workUs);
    },
  };
}
