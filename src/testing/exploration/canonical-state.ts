import type { Cluster } from "./cluster.ts";
import { type ClusterState, sorted } from "./cluster-state.ts";
import type { LocalState } from "./local-states.ts";
import type { Permutation } from "./symmetry.ts";

/** The numbers of a state after renaming its replicas, and the renaming. */
export interface Canonical {
  readonly numbers: readonly number[];
  readonly renaming: Permutation;
}

/** A renaming, with the new number of each part. */
interface Table {
  readonly renaming: Permutation;
  readonly locals: number[];
  readonly inFlight: number[];
  readonly histories: number[];
}

/**
 * Picks one state among all that differ only in the names of replicas. Exploring it is enough, because the futures of
 * the others differ only in the names, too.
 */
export class Canonicals {
  readonly #cluster: Cluster;
  readonly #tables: readonly Table[];

  constructor(cluster: Cluster, permutations: readonly Permutation[]) {
    this.#cluster = cluster;
    this.#tables = permutations.map((renaming) => ({ renaming, locals: [], inFlight: [], histories: [] }));
  }

  /** Returns the renamed state with the smallest numbers, compared from the replicas on. */
  of(state: ClusterState): Canonical {
    const candidates = this.#leastReplicas(state).map((table) => ({
      numbers: this.#rename(state, table),
      renaming: table.renaming,
    }));
    return candidates.reduce((least, other) => (compare(other.numbers, least.numbers) < 0 ? other : least));
  }

  #leastReplicas({ replicas }: ClusterState): Table[] {
    let least: number[] = [];
    let tables: Table[] = [];
    for (const table of this.#tables) {
      const numbers = this.#replicas(replicas, table);
      const order = tables.length === 0 ? -1 : compare(numbers, least);
      if (order < 0) {
        least = numbers;
        tables = [];
      }
      if (order <= 0) tables.push(table);
    }
    return tables;
  }

  #replicas(replicas: readonly LocalState[], table: Table): number[] {
    const numbers: number[] = [];
    for (const local of replicas) {
      numbers[table.renaming.replica(local.replica)] =
        table.locals[local.number] ?? this.#local(local, table);
    }
    return numbers;
  }

  /** Returns the content of the renamed state, in the order in which `Cluster.state` reads it. */
  #rename({ replicas, spent, history, inFlight }: ClusterState, table: Table): number[] {
    const renamed: number[] = [];
    for (const item of inFlight) renamed.push(table.inFlight[item] ?? this.#item(item, table));
    const numbers = this.#replicas(replicas, table);
    numbers.push(spent, table.histories[history] ?? this.#history(history, table));
    for (const item of sorted(renamed)) numbers.push(item);
    return numbers;
  }

  #item(item: number, { inFlight, renaming }: Table): number {
    const { all } = this.#cluster.inFlight;
    const renamed = all.numberOf(renaming.item(all.valueOf(item)));
    inFlight[item] = renamed;
    return renamed;
  }

  #history(history: number, { histories, renaming }: Table): number {
    const { all } = this.#cluster.histories;
    const renamed = all.numberOf(renaming.history(all.valueOf(history)));
    histories[history] = renamed;
    return renamed;
  }

  #local(local: LocalState, table: Table): number {
    const known = table.locals[local.number];
    if (known !== undefined) return known;
    const renamed = this.#relive(local, table).number;
    table.locals[local.number] = renamed;
    return renamed;
  }

  /** The renamed inputs lead to the renamed state. */
  #relive({ replica, origin }: LocalState, table: Table): LocalState {
    const { locals } = this.#cluster;
    const { renaming } = table;
    if (origin.type === "start") return locals.start(renaming.replica(replica), renaming.disk(origin.disk));
    const before = locals.state(this.#local(locals.state(origin.before), table));
    const input = locals.inputs.numberOf(renaming.input(locals.inputs.valueOf(origin.input)));
    const step = locals.step(before, input);
    if (step instanceof Error) throw step;
    return step.state;
  }
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let at = 0; at < a.length; at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
