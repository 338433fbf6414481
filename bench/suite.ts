/** The figures of one round of a contender by name, such as `perSecond` or `p99Ms`. */
export type Figures = Readonly<Record<string, number>>;

/** All rounds of one contender in one case, such as `put at 64 clients`, `etcd, gRPC`. */
export interface Result {
  readonly suite: string;
  readonly case: string;
  readonly contender: string;
  readonly rounds: readonly Figures[];
}

/** The extent of a run, and its progress callback. */
export interface Run {
  readonly rounds: number;
  /** Duration of each load in seconds. */
  readonly seconds: number;
  /** Whether to measure roughly: fewer trials, smaller stores. */
  readonly quick: boolean;
  /** Whether `--only` names the suite. A suite may then measure what takes too long otherwise. */
  readonly isChosen: boolean;
  /** Whether to measure also what needs much memory and time. */
  readonly large: boolean;
  readonly progress: (line: string) => void;
}

/** Cases that share their clusters. */
export interface Suite {
  /** The name for `--only`. */
  readonly name: string;
  /** Its measurement, in one line. */
  readonly about: string;
  /** Whether it runs only if `--only` names it. Default: no. */
  readonly byNameOnly?: boolean;
  run(run: Run): Promise<readonly Result[]>;
}

/** One of the alternatives that a case compares. */
export interface Contender {
  readonly name: string;
  measure(): Promise<Figures>;
}

/** Returns the name of a case: `1 client`, `64 clients`. */
export function inClients(clients: number): string {
  return clients === 1 ? "1 client" : `${clients} clients`;
}

/** Measures the contenders in turn, round after round, so that drift affects all of them. */
export async function alternate(
  run: Run,
  suite: string,
  name: string,
  contenders: readonly Contender[],
): Promise<Result[]> {
  const rounds = contenders.map((): Figures[] => []);
  for (let round = 1; round <= run.rounds; round++) {
    for (const [at, contender] of contenders.entries()) {
      const figures = await contender.measure();
      rounds[at]?.push(figures);
      run.progress(`${suite}: ${name}, ${contender.name}, round ${round}: ${inWords(figures)}`);
    }
  }
  return contenders.map((contender, at) => ({
    suite,
    case: name,
    contender: contender.name,
    rounds: rounds[at] ?? [],
  }));
}

export function inWords(figures: Figures): string {
  return Object.entries(figures)
    .map(([name, figure]) => `${name} ${figure.toFixed(figure < 10 ? 2 : 0)}`)
    .join(", ");
}
