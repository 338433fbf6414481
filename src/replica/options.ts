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
import {
  defaultTuning,
  type RaftConfig,
  type RaftTuning,
  type ReplicaId,
  seededRandom,
} from "../raft/index.ts";
import { systemRandom } from "./system-random.ts";

/** The parts and options of one replica. */
export interface RaftOptions<Result> {
  /** This replica. */
  readonly id: ReplicaId;
  /** All voters of the cluster, this replica among them: 1 to 9. */
  readonly voters: readonly ReplicaId[];
  /** The transport for calls to peers. The replica owns it, and disposes of it in `kill`. */
  readonly transport: Transport;
  /** The storage for the durable state. The replica owns it, and disposes of it in `kill`. */
  readonly persister: Persister;
  /** What the commands act on. The replica alone calls it. */
  readonly stateMachine: StateMachine<Result>;
  /**
   * Set it if the storage does not outlive the process: the replica takes part at once although its storage is empty.
   * The cluster can then lose acknowledged writes when a replica restarts. Default: false; see
   * src/raft/roles/bootstrap.ts.
   */
  readonly volatileStorage?: boolean;
  /** What differs from `defaultTuning`. Default: nothing. */
  readonly tuning?: Partial<RaftTuning>;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
  /** Draws the seed of the core's random numbers and the identifiers that must be unique. Default: Web Crypto. */
  readonly random?: Random;
  /** Default: silent. */
  readonly logger?: Logger;
  /** Is called with everything that the replica does. Default: none. */
  readonly tracer?: Tracer;
}

/** The core's configuration with the numbers drawn for this start. The core's random choices follow from the seed alone. */
export interface Beginning {
  /** Not validated yet. */
  readonly config: RaftConfig;
  readonly seed: number;
  /** Distinguishes this process from any other one on the same storage. */
  readonly boot: number;
}

export function beginningOf({ id, voters, ...options }: RaftOptions<unknown>): Beginning {
  const { tuning, volatileStorage = false, random = systemRandom } = options;
  const seed = drawUint32(random);
  const config = {
    ...defaultTuning,
    ...tuning,
    id,
    voters,
    volatileStorage,
    clusterUid: drawUid(random),
    random: seededRandom(seed),
  };
  return { config, seed, boot: drawUint32(random) };
}

function drawUint32(random: Random): number {
  return Math.floor(random() * 2 ** 32);
}

/**
 * The uid of the cluster, if this replica becomes its first leader. No byte is 0, because zeros stand for no uid in a
 * message.
 */
function drawUid(random: Random): Uint8Array {
  return Uint8Array.from({ length: CLUSTER_UID_BYTES }, () => 1 + Math.floor(random() * 255));
}
