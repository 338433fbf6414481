import { RaftCore } from "../../raft/index.ts";
import { checkBounds, defaultBounds, type ExplorationBounds } from "./bounds.ts";
import { Canonicals } from "./canonical-state.ts";
import { checkMerging } from "./check-merging.ts";
import { Cluster } from "./cluster.ts";
import type { ClusterState } from "./cluster-state.ts";
import type { CoreMaker } from "./replica-run.ts";
import { StateList } from "./state-list.ts";
import { permutations, unchanged } from "./symmetry.ts";
import { traceOf } from "./trace.ts";
import { Visited } from "./visited.ts";

/** The result for sequences of up to this many actions. */
export interface DepthReport {
  /** The number of actions. */
  readonly depth: number;
  /** States that take exactly this many actions, up to renaming of replicas; and all states so far. */
  readonly newStates: number;
  /** All states so far. */
  readonly states: number;
  /** All steps between them so far. */
  readonly transitions: number;
  /** The number of terms with a leader, and the most entries committed, in any of these runs. */
  readonly termsLed: number;
  /** The most entries that were committed in any run. */
  readonly committed: number;
  /** States of single replicas, and steps between them for which the core was run. */
  readonly localStates: number;
  /** The steps between those for which the core was run. */
  readonly localSteps: number;
}

/** Options of `explore`. */
export interface ExplorationOptions {
  /** What differs from `defaultBounds`. */
  readonly bounds?: Partial<ExplorationBounds>;
  /** Creates the cores. Default: `RaftCore`. */
  readonly makeCore?: CoreMaker;
  /** Makes writes durable at once. This leaves out half of the actions, so the same depth reaches twice as far. */
  readonly promptWrites?: boolean;
  /** Verifies that runs counted as the same state continue alike. Costs about as much again. */
  readonly checkMerging?: boolean;
  /** Whether states that differ only in the names of replicas count as one. Default: true. */
  readonly renaming?: boolean;
  /** Called after each depth. */
  readonly onDepth?: (report: DepthReport) => void;
}

/** The result of an exploration. */
export interface Exploration {
  /** One for each depth, from 0. */
  readonly reports: readonly DepthReport[];
  /** The first broken rule, and a shortest sequence of actions that breaks it. */
  readonly violation: { readonly rule: string; readonly trace: readonly string[] } | undefined;
  /** The number of steps compared for `checkMerging`. */
  readonly comparedSteps: number;
  /** Whether all states were explored before the maximum depth. */
  readonly isComplete: boolean;
}

/**
 * Explores all interleavings of events in a small cluster of real cores, breadth first. After depth n, every state that
 * n actions can reach has been checked. The first violation is a shortest one.
 *
 * @param options the bounds, and what else is checked
 * @returns a report for each depth, and the first violation
 * @throws RangeError if a bound is invalid
 * @example
 * ```ts
 * import { explore } from "ruaft/testing/exploration";
 *
 * const { reports, violation } = explore({ bounds: { depth: 4 } });
 * console.log(reports.length, violation); // 5 undefined
 * ```
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

/** A breadth-first search, one depth at a time. */
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
    this.#canonicals = new Canonicals(
      cluster,
      renaming ? permutations(cluster.ids) : [unchanged(cluster.ids)],
    );
  }

  get totals(): Omit<DepthReport, "depth" | "newStates"> {
    const { locals, histories } = this.#cluster;
    return {
      termsLed: histories.termsLed,
      committed: histories.longestCommitted,
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

  /** Explores one more action. Returns the number of new states. */
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
