import { TransportError } from "../../ports/index.ts";
import { type ReplicaId, replicaId } from "../../raft/index.ts";
import { quickSeal } from "../quick-seal.ts";
import type { Asked, Client, RunningReplica, Subject } from "./subject.ts";
import {
  type Host,
  MachineClock,
  type Network,
  type RandomStream,
  type Scheduler,
  SimulatedTransport,
  type Trace,
} from "./world/index.ts";

/** The environment of a client. */
export interface ClientContext<Input, Output> {
  readonly clusterId: string;
  readonly voters: readonly ReplicaId[];
  /** The cluster's secret. Undefined if messages have no seal. */
  readonly secret: string | undefined;
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly trace: Trace;
  readonly subject: Subject<Input, Output>;
  /** Returns the replica that runs on a machine, if any. */
  readonly replicaOn: (machine: number) => RunningReplica<Input, Output> | undefined;
  /** Called before a client learns what was committed at an index. */
  readonly acknowledged: (index: number) => void;
}

/** The id of a client in its messages. */
export function clientId(number: number): ReplicaId {
  return replicaId(`client-${number + 1}`);
}

/** Connects a client to the network, on its own machine without faults. */
export function clientAt<Input, Output>(
  number: number,
  random: RandomStream,
  world: ClientContext<Input, Output>,
): Client<Input, Output> {
  const { clusterId, voters, secret, scheduler, network, trace, subject } = world;
  const host: Host = { alive: true, pausedUntilUs: 0 };
  const station = voters.length + number;
  const transport = new SimulatedTransport({
    clusterId,
    self: clientId(number),
    seal: secret === undefined ? undefined : quickSeal(secret, random.fork("seal").unit()),
    exchange: (to, bytes) => network.exchange(host, station, voters.indexOf(to), bytes),
    leave: () => {},
  });
  network.stations[station] = { host, era: 0, handle: (bytes) => transport.handle(bytes) };
  return subject.client({
    voters,
    transport,
    clock: new MachineClock(scheduler, 1_000_000).of(host, (kind) => trace.record(kind, station)),
    random: random.unit(),
    ask: (to, input, signal) => ask(world, { from: station, to: voters.indexOf(to) }, input, signal),
  });
}

/**
 * Asks a replica directly. Request and reply may be delayed or lost, but not duplicated, because no session would
 * identify a repeated request.
 */
function ask<Input, Output>(
  { network, replicaOn, acknowledged }: ClientContext<Input, Output>,
  { from, to }: { readonly from: number; readonly to: number },
  input: Input,
  signal: AbortSignal,
): Promise<Asked<Output>> {
  return new Promise((resolve, reject) => {
    const end = () => reject(new TransportError("timeout", "the wait was ended"));
    signal.addEventListener("abort", end, { once: true });
    let arrived = false;
    network.carry(from, to, async () => {
      if (arrived) return;
      arrived = true;
      const refusal = network.refuses ? ({ type: "retry", leader: undefined } as const) : undefined;
      const answer = (await replicaOn(to)?.ask?.(input, signal)) ?? refusal;
      if (answer === undefined) return;
      if (answer.type === "done" && answer.index !== undefined) acknowledged(answer.index);
      network.carry(to, from, () => resolve(answer));
    });
  });
}
