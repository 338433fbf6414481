import type { Disk } from "./disk.ts";
import { Interned, textOf } from "./intern.ts";
import type { LocalInput, ReplicaNumber } from "./local-input.ts";
import { type Portrait, ReplicaRun, type Sent, type World } from "./replica-run.ts";

/** A state of one replica. Its inputs determine it, so it can be recreated. */
export interface LocalState extends Omit<Portrait, "identity"> {
  readonly number: number;
  /** Equal for equal logs. */
  readonly logNumber: number;
  /** How the state was first reached: by a start from a disk, or by an input to an earlier state. */
  readonly origin:
    | { readonly type: "start"; readonly disk: Disk }
    | { readonly type: "step"; readonly before: number; readonly input: number };
  /** The last state with an identity, and the inputs since. */
  readonly base: number;
  readonly since: string;
}

export interface LocalStep {
  readonly number: number;
  readonly state: LocalState;
  readonly sent: Sent;
}

const nothingSent: Sent = { position: undefined, requests: [], replies: [] };

/** A step to a state that was already known. */
export interface Merge {
  readonly into: number;
  readonly before: number;
  readonly input: number;
}

/** Limit of inputs, so that one number can encode a state and an input. */
const MAX_INPUTS = 2 ** 20;

/**
 * The states of single replicas, each stored once. A replica's step depends only on its inputs, so each step is
 * computed once for all cluster states that allow it. Because a core cannot be copied, a step repeats all inputs since
 * the start.
 */
export class LocalStates {
  readonly inputs: Interned<LocalInput> = new Interned();
  readonly #world: World;
  readonly #states: LocalState[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #steps = new Map<number, LocalStep | Error>();
  readonly #merges: Merge[] = [];
  /** For each state, the inputs whose steps are known. */
  readonly #taken: number[][] = [];
  /** Equal values are stored once. */
  readonly #logs: Interned<LocalState["log"]> = new Interned();
  readonly #disks: Interned<Disk> = new Interned();
  readonly #openCalls: Interned<LocalState["openCalls"]> = new Interned();
  readonly #sent: Interned<Sent> = new Interned();

  constructor(world: World) {
    this.#world = world;
  }

  get size(): number {
    return this.#states.length;
  }

  get steps(): number {
    return this.#steps.size;
  }

  get merges(): readonly Merge[] {
    return this.#merges;
  }

  /** Returns the numbers of the inputs whose steps from this state are known. */
  inputsOf(state: number): readonly number[] {
    return this.#taken[state] ?? [];
  }

  /** Returns the state with this identity if it is known. */
  numberOf(identity: string): number | undefined {
    return this.#numbers.get(identity);
  }

  state(number: number): LocalState {
    const state = this.#states[number];
    if (state === undefined) throw new RangeError(`number: no state has the number ${number}`);
    return state;
  }

  /** A replica starts from its disk. */
  start(replica: ReplicaNumber, disk: Disk): LocalState {
    const portrait = new ReplicaRun(replica, this.#world, disk).portrait();
    return this.#intern(portrait, { type: "start", disk }, undefined);
  }

  /**
   * A replica takes an input, given by its number in `inputs`.
   *
   * @returns the next state, or the broken rule
   */
  step(before: LocalState, input: number): LocalStep | Error {
    const key = before.number * MAX_INPUTS + input;
    const known = this.#steps.get(key);
    if (known !== undefined) return known;
    const step = this.#compute(before, input);
    this.#steps.set(key, step);
    const taken = this.#taken[before.number];
    if (taken === undefined) this.#taken[before.number] = [input];
    else taken.push(input);
    return step;
  }

  #compute(before: LocalState, input: number): LocalStep | Error {
    const taken = this.inputs.valueOf(input);
    const number = this.#steps.size;
    if (taken.type === "crash") {
      return { number, state: this.start(before.replica, before.disk), sent: nothingSent };
    }
    try {
      const run = this.relive(before);
      const sent = this.#sent.shared(run.perform(taken));
      const origin = { type: "step", before: before.number, input } as const;
      return { number, state: this.#intern(run.portrait(), origin, before), sent };
    } catch (error) {
      // Anything that the core throws is a rule that it found broken.
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  /** Repeats all inputs that a replica took since its start. */
  relive(state: LocalState): ReplicaRun {
    const inputs: LocalInput[] = [];
    let at = state;
    while (at.origin.type === "step") {
      inputs.push(this.inputs.valueOf(at.origin.input));
      at = this.state(at.origin.before);
    }
    const run = new ReplicaRun(state.replica, this.#world, at.origin.disk);
    for (const input of inputs.reverse()) run.perform(input);
    return run;
  }

  #intern(portrait: Portrait, origin: LocalState["origin"], before: LocalState | undefined): LocalState {
    const own = portrait.identity;
    const since = own === undefined && origin.type === "step" ? `${before?.since} ${origin.input}` : "";
    const identity = own ?? textOf([before?.base, since]);
    const known = this.#numbers.get(identity);
    if (known !== undefined) {
      if (origin.type === "step")
        this.#merges.push({ into: known, before: origin.before, input: origin.input });
      return this.state(known);
    }
    const number = this.#states.length;
    const base = own === undefined ? (before?.base ?? number) : number;
    const { identity: _, ...seen } = portrait;
    const logNumber = this.#logs.numberOf(portrait.log);
    const log = this.#logs.valueOf(logNumber);
    const disk = this.#disks.shared(portrait.disk);
    const openCalls = this.#openCalls.shared(portrait.openCalls);
    const state: LocalState = { ...seen, log, logNumber, disk, openCalls, number, origin, base, since };
    this.#numbers.set(identity, number);
    this.#states.push(state);
    return state;
  }
}
