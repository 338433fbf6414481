import type { TracedInput } from "../../ports/index.ts";
import type { PersistedState, RaftView, Ready, ReplicaId } from "../../raft/index.ts";
import { describeInput, describeReady } from "./events.ts";
import { History } from "./history.ts";
import { stepped } from "./inputs.ts";
import { took } from "./outputs.ts";
import { AbstractReplica, type Cluster } from "./replica.ts";
import { restart } from "./restart.ts";

/** Options of `AbstractRaft`. */
export interface AbstractRaftOptions {
  /** All replicas of the cluster. */
  readonly voters: readonly ReplicaId[];
  /** Time in ms of a follower's own clock for which it considers its leader alive after the last contact. */
  readonly electionTimeoutMinMs: number;
  /** Whether a replica with empty storage may take part at once, as in `RaftConfig`. */
  readonly volatileStorage?: boolean;
}

/**
 * Raft as in the paper, modelled on its TLA+ specification. It runs beside the real code: the abstract replica must allow
 * each event that a replica traces. It shares no code with the core.
 *
 * All methods throw {@link DisallowedStep} if no abstract step allows what was observed, and RangeError if the replica
 * was not started.
 *
 * @example
 * ```ts
 * import { replicaId } from "ruaft";
 * import { defaultTuning, emptyState, RaftCore, seededRandom } from "ruaft/core";
 * import { AbstractRaft } from "ruaft/testing/abstract-raft";
 *
 * const id = replicaId("n1");
 * const config = { ...defaultTuning, id, voters: [id], volatileStorage: false, random: seededRandom(1) };
 * const core = new RaftCore(config, emptyState, 0);
 * const abstract = new AbstractRaft({ voters: [id], electionTimeoutMinMs: config.electionTimeoutMinMs });
 * abstract.started(id, emptyState, core.view());
 *
 * const nowMs = core.deadline();
 * core.step({ type: "timer" }, nowMs);
 * abstract.stepped(id, { type: "timer" }, core.view(), nowMs);
 * const ready = core.take();
 * abstract.took(id, ready, core.view());
 * ```
 */
export class AbstractRaft {
  readonly #cluster: Cluster;
  readonly #volatileStorage: boolean;
  /** Stopped replicas are kept, for their stored state. */
  readonly #replicas = new Map<ReplicaId, AbstractReplica>();
  readonly #running = new Set<ReplicaId>();
  readonly #damaged = new Set<ReplicaId>();

  constructor({ voters, electionTimeoutMinMs, volatileStorage = false }: AbstractRaftOptions) {
    this.#cluster = { voters, electionTimeoutMinMs, history: new History() };
    this.#volatileStorage = volatileStorage;
  }

  /**
   * A replica starts with the state that its persister loaded.
   *
   * @param id the replica
   * @param restored what its persister loaded
   * @param view its state at the start
   */
  started(id: ReplicaId, restored: PersistedState, view: RaftView): void {
    const replica = new AbstractReplica(id, this.#cluster, restored);
    const isDamaged = this.#damaged.delete(id);
    restart(replica, this.#replicas.get(id), {
      restored,
      view,
      volatileStorage: this.#volatileStorage,
      isDamaged,
    });
    replica.agree(view);
    this.#replicas.set(id, replica);
    this.#running.add(id);
  }

  /**
   * A replica stopped for any reason. A write in flight may or may not be durable.
   *
   * @param id the replica
   */
  crashed(id: ReplicaId): void {
    this.#running.delete(id);
  }

  /**
   * A replica's storage was damaged: anything that its next start loads is accepted.
   *
   * @param id the replica
   */
  storageDamaged(id: ReplicaId): void {
    this.#damaged.add(id);
  }

  /**
   * The core took an input. `view` is its state afterwards, at `nowMs` of the replica's own clock.
   *
   * @param id the replica
   * @param input what the core was given
   * @param view its state afterwards
   * @param nowMs of the replica's own clock
   */
  stepped(id: ReplicaId, input: TracedInput, view: RaftView, nowMs: number): void {
    const replica = this.#replica(id);
    replica.event = () => describeInput(input);
    stepped(replica, input, view, nowMs);
  }

  /**
   * The core's outputs were taken. `view` is its state afterwards.
   *
   * @param id the replica
   * @param ready what the core handed out
   * @param view its state afterwards
   */
  took(id: ReplicaId, ready: Ready, view: RaftView): void {
    const replica = this.#replica(id);
    replica.event = () => describeReady(ready);
    took(replica, ready, view);
    replica.agree(view);
  }

  #replica(id: ReplicaId): AbstractReplica {
    const replica = this.#replicas.get(id);
    if (replica === undefined || !this.#running.has(id)) throw new RangeError(`id: ${id} is not running`);
    return replica;
  }
}
