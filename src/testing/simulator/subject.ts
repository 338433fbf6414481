import type { Clock, Persister, Random, Tracer, Transport } from "../../ports/index.ts";
import type { RaftTuning, RaftView, ReplicaId } from "../../raft/index.ts";
import type { Raft } from "../../replica/index.ts";
import type { LinearizabilityResult, Operation } from "../linearizability/index.ts";
import type { RandomStream } from "./world/index.ts";

/** The environment of one replica: everything that a simulated machine has. */
export interface ReplicaEnvironment {
  /** The replica to start. */
  readonly id: ReplicaId;
  /** All replicas. */
  readonly voters: readonly ReplicaId[];
  /** The clients outside of the replicas, as they call themselves. */
  readonly clients: readonly ReplicaId[];
  /** The simulated network, as this replica sees it. */
  readonly transport: Transport;
  /** A file persister on the simulated disk. */
  readonly persister: Persister;
  /** The machine's virtual clock. */
  readonly clock: Clock;
  /** Drawn from the seed. */
  readonly random: Random;
  /** What differs from `defaultTuning`. */
  readonly tuning: Partial<RaftTuning>;
  /** Must be given to the replica: the monitor watches by it. */
  readonly tracer: Tracer;
}

/** A replica as driven by a simulation. */
export interface RunningReplica<Input, Output> {
  /** The replica. `status` is that of `Raft`. */
  readonly raft: Pick<Raft<unknown>, "stopped" | "requestSnapshot" | "resign" | "kill"> & {
    status(): RaftView;
  };
  /** The current state; equal states have equal bytes. */
  state(): Iterable<Uint8Array>;
  /** A difference from other replicas that this one detected, if any. */
  alarm?(): string | undefined;
  /**
   * Answers a client that asks this replica directly. Undefined if clients use the transport. The signal ends the wait.
   */
  ask?(input: Input, signal: AbortSignal): Promise<Asked<Output>>;
  /** A client in the replica's process, as the service has one. Absent if the subject has none. */
  readonly client?: Client<Input, Output>;
}

/**
 * `retry`: nothing was started; ask `leader` if known, or another replica. `unknown`: it may have been executed or may
 * yet be.
 */
export type Asked<Output> =
  | { readonly type: "done"; readonly output: Output; readonly index?: number }
  | { readonly type: "retry"; readonly leader: ReplicaId | undefined }
  | { readonly type: "unknown" };

/** How an operation ended for its client. `none`: it never takes effect. */
export type Ended<Output> =
  | { readonly type: "done"; readonly output: Output }
  | { readonly type: "none" }
  | { readonly type: "unknown" };

/** A client of the simulated cluster. */
export interface Client<Input, Output> {
  /** Executes one operation, and says how it ended for the client. */
  call(input: Input, signal: AbortSignal, timeoutMs: number): Promise<Ended<Output>>;
}

/** The environment of a client. */
export interface ClientEnvironment<Input, Output> {
  /** All replicas. */
  readonly voters: readonly ReplicaId[];
  /** The simulated network, as the client sees it. */
  readonly transport: Transport;
  /** Virtual time. */
  readonly clock: Clock;
  /** Drawn from the seed. */
  readonly random: Random;
  /** Asks a replica directly over the same network. Rejects if no answer arrived. */
  readonly ask: (to: ReplicaId, input: Input, signal: AbortSignal) => Promise<Asked<Output>>;
}

/** What is simulated: a replicated state machine, its clients, and the specification. */
export interface Subject<Input, Output> {
  /** For messages. */
  readonly name: string;
  /** Starts one replica. Called again after each crash, with the data still on its disk. */
  start(environment: ReplicaEnvironment, limits: SubjectLimits): Promise<RunningReplica<Input, Output>>;
  /** Creates a client. */
  client(environment: ClientEnvironment<Input, Output>): Client<Input, Output>;
  /** Draws an operation of a client, as plain data. */
  draw(random: RandomStream, number: number): Input;
  /** Present if each replica has a client in its process. */
  readonly residents?: {
    /** A write that shows whether a replica serves writes, to a key that no client writes. */
    probe(id: ReplicaId, number: number): Input;
  };
  /** Operations that read everything, executed at the end. */
  readonly closing: readonly Input[];
  /** Checks whether what the clients observed is linearizable. */
  check(history: readonly Operation<Input, Output>[]): LinearizabilityResult<Input, Output>;
}

/** Limits drawn per seed, small enough to be reached. */
export interface SubjectLimits {
  /** See `KvStoreLimits`. */
  readonly sessionTtlMs: number;
  /** See `KvStoreLimits`. */
  readonly maxSessionsPerOwner: number;
  /** See `KvServerOptions`. */
  readonly requestTimeoutMs: number;
}
