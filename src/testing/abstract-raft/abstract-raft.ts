import type { TracedInput } from "../../ports/index.ts";
import type { PersistedState, RaftView, Ready, ReplicaId } from "../../raft/index.ts";
import { describeInput, describeReady } from "./events.ts";
import { History } from "./history.ts";
import { stepped } from "./inputs.ts";
import { took } from "./outputs.ts";
import { AbstractReplica, type Cluster } from "./replica.ts";
import { restart } from "./restart.ts";

export interface AbstractRaftOptions {
  readonly voters: readonly ReplicaId[];
  /** For so long, in ms of its own clock, a follower believes in a leader that it heard. */
  readonly electionTimeoutMinMs: number;
  /** Whether a replica may take part at once although its storage is empty, as in `RaftConfig`. */
  readonly mayForget?: boolean;
}

/**
 * Raft as the paper has it, in the manner of its TLA+ specification, and run beside the real code: each event that
 * a replica traces must be a step that the abstract replica can take too. It shares no code with the core.
 *
 * All methods throw {@link DisallowedStep} if no abstract step allows what was seen, and RangeError if a
 * replica acts that was not started.
 */
export class AbstractRaft {
  readonly #cluster: Cluster;
  readonly #mayForget: boolean;
  /** Those that stopped are remembered, for what they had stored. */
  readonly #replicas = new Map<ReplicaId, AbstractReplica>();
  readonly #running = new Set<ReplicaId>();
  readonly #damaged = new Set<ReplicaId>();

  constructor({ voters, electionTimeoutMinMs, mayForget = false }: AbstractRaftOptions) {
    this.#cluster = { voters, electionTimeoutMinMs, history: new History() };
    this.#mayForget = mayForget;
  }

  /** A replica begins, for the first time or again, with what its persister loaded. */
  started(id: ReplicaId, restored: PersistedState, view: RaftView): void {
    const replica = new AbstractReplica(id, this.#cluster, restored);
    const isDamaged = this.#damaged.delete(id);
    restart(replica, this.#replicas.get(id), { restored, view, mayForget: this.#mayForget, isDamaged });
    replica.agree(view);
    this.#replicas.set(id, replica);
    this.#running.add(id);
  }

  /** A replica stopped, in whatever way. A write that was under way may be durable or not. */
  crashed(id: ReplicaId): void {
    this.#running.delete(id);
  }

  /** A replica's storage was damaged: whatever it brings back at its next start is believed. */
  storageDamaged(id: ReplicaId): void {
    this.#damaged.add(id);
  }

  /** The core took something in; `view` is its state after it, at `nowMs` of the replica's own clock. */
  stepped(id: ReplicaId, input: TracedInput, view: RaftView, nowMs: number): void {
    const replica = this.#replica(id);
    replica.event = () => describeInput(input);
    stepped(replica, input, view, nowMs);
  }

  /** All there was to do was taken; `view` is the core's state after it. */
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
