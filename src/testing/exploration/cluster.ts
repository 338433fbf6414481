import { emptyState, type ReplicaId, replicaId } from "../../raft/index.ts";
import type { ExplorationBounds, Spending } from "./bounds.ts";
import { type ClusterState, sorted, spend, spentOf } from "./cluster-state.ts";
import { Disk } from "./disk.ts";
import { Histories } from "./history.ts";
import { InFlightTable } from "./in-flight.ts";
import type { InFlight, LocalInput, ReplicaNumber } from "./local-input.ts";
import { type LocalState, LocalStates, type LocalStep } from "./local-states.ts";
import { LogMatching } from "./log-matching.ts";
import type { World } from "./replica-run.ts";

export interface Action {
  readonly replica: ReplicaNumber;
  /** Its number among the inputs. */
  readonly input: number;
  readonly what: "happens" | "is lost" | "arrives, and will again";
}

export type Visit = (action: Action, next: ClusterState | Error) => void;

/** The cluster as a transition system: the actions that a state allows, and the states they lead to. */
export class Cluster {
  readonly ids: readonly ReplicaId[];
  readonly locals: LocalStates;
  readonly inFlight: InFlightTable;
  readonly histories: Histories;
  readonly #bounds: ExplorationBounds;
  readonly #logs = new LogMatching();
  readonly #plain = new Map<LocalInput["type"], number>();

  constructor(bounds: ExplorationBounds, world: Omit<World, "ids">) {
    this.#bounds = bounds;
    this.ids = Array.from({ length: bounds.replicas }, (_, at) => replicaId(`n${at + 1}`));
    this.locals = new LocalStates({ ...world, ids: this.ids });
    this.inFlight = new InFlightTable(this.locals.inputs);
    this.histories = new Histories(this.ids);
  }

  /** The initial state. Each replica already knows that it may count the others (decision 6). */
  get start(): ClusterState {
    const replicas = this.ids.map((id, replica) => {
      const countedPeers = this.ids.filter((other) => other !== id);
      return this.locals.start(replica, new Disk({ ...emptyState.hardState, countedPeers }, []));
    });
    return { replicas, spent: 0, history: this.histories.none, inFlight: [] };
  }

  /** Reads a state from numbers: its replicas, used bounds, history and inFlight. */
  state(numbers: readonly number[]): ClusterState {
    const size = this.ids.length;
    const [spent = 0, history = this.histories.none, ...inFlight] = numbers.slice(size);
    return {
      replicas: numbers.slice(0, size).map((number) => this.locals.state(number)),
      spent,
      history,
      inFlight,
    };
  }

  /** Visits every action that a state allows, always in the same order. */
  visitActions(state: ClusterState, visit: Visit): void {
    for (const local of state.replicas) this.#visitOwn(state, local, visit);
    for (let at = 0; at < state.inFlight.length; at++) {
      // Equal messages are tried once.
      if (state.inFlight[at] !== state.inFlight[at - 1]) this.#visitInFlight(state, at, visit);
    }
  }

  #visitOwn(state: ClusterState, local: LocalState, visit: Visit): void {
    const { replica, role, currentTerm, isWriting, hasLiveLeader } = local;
    const mayCampaign = role !== "leader" && currentTerm < this.#bounds.terms;
    // A candidate whose vote is being written would only continue to wait.
    if (mayCampaign && !(role === "candidate" && isWriting))
      this.#take(state, replica, { type: "campaign" }, visit);
    if (mayCampaign && hasLiveLeader) this.#take(state, replica, { type: "silence" }, visit);
    if (isWriting) this.#take(state, replica, { type: "write" }, visit);
    if (role === "leader") this.#visitLeader(state, local, visit);
    if (this.#canSpend(state, "crashes")) this.#crash(state, replica, visit);
  }

  #visitLeader(state: ClusterState, { replica, openCalls }: LocalState, visit: Visit): void {
    if (this.#canSpend(state, "heartbeats")) {
      this.#take(spend(state, "heartbeats"), replica, { type: "heartbeat" }, visit);
    }
    if (this.#canSpend(state, "proposals")) {
      const command = "abcdefghijklmnop".charAt(spentOf(state, "proposals"));
      this.#take(spend(state, "proposals"), replica, { type: "propose", command }, visit);
    }
    for (const [to, calls] of openCalls.entries()) {
      for (const call of calls) {
        if (this.inFlight.contains(state.inFlight, replica, to, call)) continue;
        this.#take(state, replica, { type: "failed", to, call }, visit);
      }
    }
  }

  #visitInFlight(state: ClusterState, at: number, visit: Visit): void {
    const number = state.inFlight[at] ?? -1;
    const item = this.inFlight.all.valueOf(number);
    if (item.type === "waiting") return;
    const rest = { ...state, inFlight: state.inFlight.toSpliced(at, 1) };
    const { call, to } = item;
    const input = this.inFlight.arrival(number);
    if (item.type === "reply") this.#happen(rest, { replica: to, input, what: "happens" }, visit);
    else this.#arrive(rest, item, { replica: to, input, what: "happens" }, visit);
    if (call !== undefined && this.#canSpend(state, "losses")) {
      const [caller, callee] = item.type === "reply" ? [to, item.from] : [item.from, to];
      const failed = this.locals.inputs.numberOf({ type: "failed", to: callee, call });
      this.#happen(spend(rest, "losses"), { replica: caller, input: failed, what: "is lost" }, visit);
    }
    if (item.type === "request" && this.#canSpend(state, "repeats")) {
      const again = this.#withInFlight(spend(rest, "repeats"), { ...item, call: undefined });
      this.#arrive(again, item, { replica: to, input, what: "arrives, and will again" }, visit);
    }
  }

  /** A request arrives. Its call is pending until it is answered. */
  #arrive(
    state: ClusterState,
    { from, to, call, request }: Extract<InFlight, { type: "request" }>,
    action: Action,
    visit: Visit,
  ): void {
    const step = this.#step(state, action);
    if (step instanceof Error) return visit(action, step);
    const { position } = step.sent;
    const waits = call !== undefined && position !== undefined;
    const askedTerm = request.term;
    const asked = waits
      ? this.#withInFlight(state, { type: "waiting", from, to, call, askedTerm, position })
      : state;
    visit(action, this.#after(asked, to, step));
  }

  #take(state: ClusterState, replica: ReplicaNumber, input: LocalInput, visit: Visit): void {
    this.#happen(state, { replica, input: this.#numberOf(input), what: "happens" }, visit);
  }

  /** A string key for inputs is faster to look up. */
  #numberOf(input: LocalInput): number {
    const known = this.#plain.get(input.type);
    if (known !== undefined) return known;
    const number = this.locals.inputs.numberOf(input);
    if (Object.keys(input).length === 1) this.#plain.set(input.type, number);
    return number;
  }

  #happen(state: ClusterState, action: Action, visit: Visit): void {
    const step = this.#step(state, action);
    visit(action, step instanceof Error ? step : this.#after(state, action.replica, step));
  }

  #crash(state: ClusterState, replica: ReplicaNumber, visit: Visit): void {
    const inFlight: number[] = [];
    for (const item of state.inFlight) {
      const kept = this.inFlight.afterCrash(item, replica);
      if (kept !== undefined) inFlight.push(kept);
    }
    this.#take({ ...spend(state, "crashes"), inFlight: sorted(inFlight) }, replica, { type: "crash" }, visit);
  }

  #step(state: ClusterState, { replica, input }: Action): LocalStep | Error {
    const local = state.replicas[replica];
    if (local === undefined) throw new RangeError(`replica: there is no ${replica}`);
    return this.locals.step(local, input);
  }

  /** Returns the cluster after a replica's step, and checks what all replicas must agree on. */
  #after(state: ClusterState, replica: ReplicaNumber, step: LocalStep): ClusterState | Error {
    const local = step.state;
    const history = this.histories.after(state.history, local);
    if (history instanceof Error) return history;
    const replicas = state.replicas.with(replica, local);
    const mismatch = this.#logs.check(local, replicas);
    if (mismatch !== undefined) return mismatch;
    const inFlight: number[] = [];
    for (const item of state.inFlight) {
      const now = this.inFlight.answered(item, replica, step);
      if (!this.inFlight.isIdle(now, local)) inFlight.push(now);
    }
    for (const request of this.inFlight.requests(replica, step)) inFlight.push(request);
    return { replicas, spent: state.spent, history, inFlight: sorted(inFlight) };
  }

  #withInFlight(state: ClusterState, item: InFlight): ClusterState {
    return { ...state, inFlight: sorted([...state.inFlight, this.inFlight.all.numberOf(item)]) };
  }

  #canSpend(state: ClusterState, what: Spending): boolean {
    return spentOf(state, what) < this.#bounds[what];
  }
}
