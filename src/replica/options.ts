import {
  CLUSTER_UID_BYTES,
  type Clock,
  type Logger,
  type Persister,
  type Random,
  type StateMachine,
  type Tracer,
  type Transport,
} from "../ports/index.ts";
import { defaultTuning, type RaftConfig, type RaftTuning, type ReplicaId } from "../raft/index.ts";

/** What one replica is made of. */
export interface RaftOptions<Result> {
  readonly id: ReplicaId;
  /** All voters of the cluster, this replica among them: 1 to 9. */
  readonly voters: readonly ReplicaId[];
  /** Carries calls to peers. The replica owns it, and disposes of it when it is killed. */
  readonly transport: Transport;
  /** Keeps the durable state. The replica owns it, and disposes of it when it is killed. */
  readonly persister: Persister;
  readonly stateMachine: StateMachine<Result>;
  /**
   * Lets this replica take part at once although its storage is empty. For storage that does not outlive its process:
   * with it the cluster can lose what it acknowledged when a replica restarts. Default: false; see bootstrap.ts.
   */
  readonly volatileStorage?: boolean;
  /** Whatever differs from `defaultTuning`. */
  readonly tuning?: Partial<RaftTuning>;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
  /** Default: `Math.random`. */
  readonly random?: Random;
  /** Default: silent. */
  readonly logger?: Logger;
  /** Hears everything the replica does. Default: nobody. */
  readonly tracer?: Tracer;
}

/** The configuration of the core; nothing of it has been checked yet. */
export function configOf({ id, voters, transport, ...options }: RaftOptions<unknown>): RaftConfig {
  const { random = Math.random } = options;
  return {
    ...defaultTuning,
    ...options.tuning,
    id,
    voters,
    volatileStorage: options.volatileStorage ?? false,
    clusterUid: drawUid(random),
    random,
    maxPayloadBytes: () => transport.maxPayloadBytes ?? Number.POSITIVE_INFINITY,
  };
}

/** The uid of the cluster that this replica may be the first leader of. No byte is 0: a message has zeros for no uid. */
function drawUid(random: Random): Uint8Array {
  return Uint8Array.from({ length: CLUSTER_UID_BYTES }, () => 1 + Math.floor(random() * 255));
}
