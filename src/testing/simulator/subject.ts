import type { Clock, Persister, Random, Tracer, Transport } from "../../ports/index.ts";
import type { RaftTuning, RaftView, ReplicaId } from "../../raft/index.ts";
import type { Raft } from "../../replica/index.ts";
import type { LinearizabilityResult, Operation } from "../linearizability/index.ts";
import type { RandomStream } from "./world/index.ts";

/** What one replica is to be built on: everything that a simulated machine has. */
export interface ReplicaPlace {
  readonly id: ReplicaId;
  readonly voters: readonly ReplicaId[];
  readonly transport: Transport;
  readonly persister: Persister;
  readonly clock: Clock;
  readonly random: Random;
  readonly tuning: Partial<RaftTuning>;
  readonly tracer: Tracer;
}

/** A replica as a simulation drives it. */
export interface RunningReplica<Input, Output> {
  readonly raft: Pick<Raft<unknown>, "stopped" | "requestSnapshot" | "resign" | "kill"> & {
    status(): RaftView;
  };
  /** The state as it is now, the same bytes for equal states. */
  state(): Iterable<Uint8Array>;
  /** A difference from other replicas that this one found itself; undefined without one. */
  alarm?(): string | undefined;
  /**
   * Answers a client that asks this replica directly; undefined if clients come by the transport.
   * The signal ends the wait.
   */
  ask?(input: Input, signal: AbortSignal): Promise<Asked<Output>>;
  /** A client in the replica's own process, as the service has one; absent if the subject has none. */
  readonly client?: Client<Input, Output>;
}

/** `retry`: nothing was begun; ask again, `leader` if that is known. `unknown`: it may have been, or may be yet. */
export type Asked<Output> =
  | { readonly type: "done"; readonly output: Output; readonly index?: number }
  | { readonly type: "retry"; readonly leader: ReplicaId | undefined }
  | { readonly type: "unknown" };

/** How an operation ended for the client that asked for it. `none`: it never takes effect. */
export type Ended<Output> =
  | { readonly type: "done"; readonly output: Output }
  | { readonly type: "none" }
  | { readonly type: "unknown" };

export interface Client<Input, Output> {
  call(input: Input, signal: AbortSignal, timeoutMs: number): Promise<Ended<Output>>;
}

/** What a client has: a way to the replicas. */
export interface ClientPlace<Input, Output> {
  readonly voters: readonly ReplicaId[];
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  /** For replicas that are asked directly: over the same network. Rejects if no answer came. */
  readonly ask: (to: ReplicaId, input: Input, signal: AbortSignal) => Promise<Asked<Output>>;
}

/** What is simulated: a replicated state machine, its clients, and what both must do. */
export interface Subject<Input, Output> {
  readonly name: string;
  /** Starts one replica; called again after each crash, with what its disk still holds. */
  start(place: ReplicaPlace, limits: SubjectLimits): Promise<RunningReplica<Input, Output>>;
  client(place: ClientPlace<Input, Output>): Client<Input, Output>;
  /** An operation for a client to ask for; plain data. */
  draw(random: RandomStream, number: number): Input;
  /** Present if each replica has a client in its own process. */
  readonly residents?: {
    /** A write that shows whether a replica serves writes, to a place where no client writes. */
    probe(id: ReplicaId, number: number): Input;
  };
  /** Operations that read everything, asked for at the end. */
  readonly closing: readonly Input[];
  /** Whether what the clients saw is linearizable. */
  check(history: readonly Operation<Input, Output>[]): LinearizabilityResult<Input, Output>;
}

/** Bounds drawn per seed, small enough that they are met. */
export interface SubjectLimits {
  readonly sessionTtlMs: number;
  readonly maxSessions: number;
  readonly requestTimeoutMs: number;
}
