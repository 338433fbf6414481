import { RaftCore } from "../../raft/index.ts";
import { checkBounds, defaultBounds, type ExplorationBounds } from "./bounds.ts";
import { Canonicals } from "./canonical.ts";
import { Cluster } from "./cluster.ts";
import type { ClusterState } from "./cluster-state.ts";
import type { CoreMaker } from "./life.ts";
import { checkMerging } from "./merging.ts";
import { renamings, unchanged } from "./renaming.ts";
import { StateList } from "./state-list.ts";
import { traceOf } from "./trace.ts";
import { Visited } from "./visited.ts";

/** What was found with sequences of up to so many actions. */
export interface DepthReport {
  readonly depth: number;
  /** States that take this many actions to reach, up to renaming of replicas, and all up to here. */
  readonly newStates: number;
  readonly states: number;
  readonly transitions: number;
  /** Terms that were led, and the most entries that were committed, in any of these runs. */
  readonly termsLed: number;
  readonly committed: number;
  /** States of single replicas, and steps between them that the core was run for. */
  readonly localStates: number;
  readonly localSteps: number;
}

export interface ExplorationOptions {
  readonly bounds?: Partial<ExplorationBounds>;
  /** Makes the cores. Default: `RaftCore`. */
  readonly makeCore?: CoreMaker;
  /** Writes are durable at once: half of the actions are left out, so that the same depth reaches twice as far. */
  readonly promptWrites?: boolean;
  /** Proves that runs which count as the same state go on in the same way; costs about as much again. */
  readonly checkMerging?: boolean;
  /** Whether states that differ only in which replica is called what count as one; they do unless told otherwise. */
  readonly renaming?: boolean;
  readonly onDepth?: (report: DepthReport) => void;
}

export interface Exploration {
  readonly reports: readonly DepthReport[];
  /** The rule that was broken first, and the shortest sequence of actions that breaks it. */
  readonly violation: { readonly rule: string; readonly trace: readonly string[] } | undefined;
  /** The steps that were compared for `checkMerging`. */
  readonly comparedSteps: number;
  /** Whether there was nothing left to do before the greatest depth was reached. */
  readonly isComplete: boolean;
}

/**
 * Explores all interleavings of what can happen to a small cluster of real cores, breadth first: after depth n, every
 * state that n actions can lead to was seen and checked. A first violation is a shortest one.
 *
 * @throws RangeError if a bound is unusable
 */
export function explore(options: ExplorationOptions = {}): Exploration {
  const bounds = { ...defaultBounds, ...options.bounds };
  checkBounds(bounds);
  const makeCore: CoreMaker =
    options.makeCore ?? ((config, restored, now) => new RaftCore(config, restored, now));
  const cluster = new Cluster(bounds, { makeCore, promptWrites: options.promptWrites ?? false });
  const search = new Search(cluster, options.renaming ?? true);
  const reports: DepthReport[] = [];
  for (let depth = 0; depth <= bounds.depth; depth++) {
    const newStates = depth === 0 ? search.begin() : search.deepen();
    if (search.violation !== undefined) break;
    const report = { depth, newStates, ...search.totals };
    reports.push(report);
    options.onDepth?.(report);
    if (newStates === 0) break;
  }
  return {
    reports,
    violation: search.violation,
    comparedSteps: options.checkMerging === true ? checkMerging(cluster.locals) : 0,
    isComplete: reports.at(-1)?.newStates === 0,
  };
}

/** A breadth-first search: the states of one depth, one after the other. */
class Search {
  readonly #cluster: Cluster;
  readonly #canonicals: Canonicals;
  readonly #visited = new Visited();
  #frontier = new StateList();
  #frontierStart = 0;
  #transitions = 0;
  violation: Exploration["violation"];

  constructor(cluster: Cluster, renaming: boolean) {
    this.#cluster = cluster;
    this.#canonicals = new Canonicals(cluster, renaming ? renamings(cluster.ids) : [unchanged(cluster.ids)]);
  }

  get totals(): Omit<DepthReport, "depth" | "newStates"> {
    const { locals, witnesses } = this.#cluster;
    return {
      termsLed: witnesses.termsLed,
      committed: witnesses.longestCommitted,
      states: this.#visited.size,
      transitions: this.#transitions,
      localStates: locals.size,
      localSteps: locals.steps,
    };
  }

  begin(): number {
    const { numbers } = this.#canonicals.of(this.#cluster.start);
    this.#visited.add(numbers, 0, 0);
    this.#frontier.push(numbers);
    return 1;
  }

  /** Goes one action further. Returns how many new states there are. */
  deepen(): number {
    const next = new StateList();
    const nextStart = this.#visited.size;
    let number = this.#frontierStart;
    for (const numbers of this.#frontier) {
      this.#expand(this.#cluster.state(numbers), number++, next);
      if (this.violation !== undefined) return 0;
    }
    this.#frontier = next;
    this.#frontierStart = nextStart;
    return next.size;
  }

  #expand(state: ClusterState, number: number, next: StateList): void {
    let at = 0;
    this.#cluster.visitActions(state, (_, reached) => {
      const action = at++;
      this.#transitions++;
      if (reached instanceof Error) {
        const actions = [...this.#visited.pathTo(number), action];
        this.violation ??= {
          rule: reached.message,
          trace: traceOf(this.#cluster, this.#canonicals, actions),
        };
        return;
      }
      const { numbers } = this.#canonicals.of(reached);
      if (this.#visited.add(numbers, number, action)) next.push(numbers);
    });
  }
}
