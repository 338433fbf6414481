import type { ReplicaStart } from "../../ports/index.ts";
import {
  defaultTuning,
  type RaftTuning,
  type RaftView,
  type Ready,
  type ReplicaId,
} from "../../raft/index.ts";
import { AbstractRaft, DisallowedStep } from "../abstract-raft/index.ts";
import { type Step, type StepListener, Violation } from "./monitor/index.ts";

/** An abstract Raft beside the replicas: each of their steps must be possible for it, too. */
export class Refinement implements StepListener {
  readonly #voters: readonly ReplicaId[];
  readonly #abstract: AbstractRaft;

  constructor(voters: readonly ReplicaId[], tuning: Partial<RaftTuning>) {
    const { electionTimeoutMinMs } = { ...defaultTuning, ...tuning };
    this.#voters = voters;
    this.#abstract = new AbstractRaft({ voters, electionTimeoutMinMs });
  }

  started(machine: number, { restored }: ReplicaStart, view: RaftView): void {
    this.#follow(machine, (id) => this.#abstract.started(id, restored, view));
  }

  stepped(machine: number, { input, view, nowMs }: Step): void {
    this.#follow(machine, (id) => this.#abstract.stepped(id, input, view, nowMs));
  }

  took(machine: number, ready: Ready, _before: RaftView | undefined, view: RaftView): void {
    this.#follow(machine, (id) => this.#abstract.took(id, ready, view));
  }

  ended(machine: number): void {
    this.#follow(machine, (id) => this.#abstract.crashed(id));
  }

  storageDamaged(machine: number): void {
    this.#follow(machine, (id) => this.#abstract.storageDamaged(id));
  }

  #follow(machine: number, step: (id: ReplicaId) => void): void {
    const id = this.#voters[machine];
    if (id === undefined) throw new RangeError(`machine: no replica runs on ${machine}`);
    try {
      step(id);
    } catch (error) {
      if (error instanceof DisallowedStep)
        throw new Violation("rule", `no step of the abstract Raft: ${error.message}`);
      throw error;
    }
  }
}
