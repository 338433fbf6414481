import { type Mark, marks, type RunReport } from "../../src/testing/simulator/index.ts";

/** A run and its cost. */
export interface TimedReport {
  readonly report: RunReport;
  /** CPU time in ms on its core. */
  readonly tookMs: number;
}

export interface FoundViolation {
  readonly seed: number;
  readonly property: string;
  readonly message: string;
  /** The command that reproduces it. */
  readonly reproduce: string;
}

/** The totals of many runs. */
export interface Summary {
  readonly seeds: number;
  readonly virtualSeconds: number;
  readonly events: number;
  readonly eventsPerSecondPerCore: number;
  readonly seedsPerCpuHour: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly operations: {
    readonly asked: number;
    readonly done: number;
    readonly unknown: number;
    readonly none: number;
  };
  readonly leaderships: number;
  readonly density: {
    readonly medianFaults: number;
    readonly medianOperations: number;
    readonly medianLeaderships: number;
    /** The share of seeds in which at least 50 operations were answered during faults. */
    readonly busyShare: number;
  };
  readonly marks: Readonly<Record<Mark, number>>;
  readonly missed: readonly Mark[];
  readonly violations: readonly FoundViolation[];
}

const BUSY_OPERATIONS = 50;

/** Adds runs up. */
export class Tally {
  readonly #reproduce: (seed: number) => string;
  readonly #reports: TimedReport[] = [];

  /** @param reproduce returns the command that runs a seed again */
  constructor(reproduce: (seed: number) => string) {
    this.#reproduce = reproduce;
  }

  add(timed: TimedReport): void {
    this.#reports.push(timed);
  }

  get seeds(): number {
    return this.#reports.length;
  }

  get violations(): FoundViolation[] {
    return this.#reports.flatMap(({ report: { seed, violation } }) =>
      violation === undefined ? [] : [{ seed, ...violation, reproduce: this.#reproduce(seed) }],
    );
  }

  /** The hash of all events of each run, by seed. */
  get hashes(): ReadonlyMap<number, string> {
    return new Map(this.#reports.map(({ report }) => [report.seed, report.hash]));
  }

  get summary(): Summary {
    const reports = this.#reports.map(({ report }) => report);
    const cpuSeconds = sum(this.#reports.map(({ tookMs }) => tookMs)) / 1000;
    const events = sum(reports.map((report) => report.events));
    const met = Object.fromEntries(
      marks.map((mark) => [mark, reports.filter((report) => report.marks.includes(mark)).length]),
    ) as Record<Mark, number>;
    return {
      seeds: reports.length,
      virtualSeconds: Math.round(sum(reports.map(({ virtualMs }) => virtualMs)) / 1000),
      events,
      eventsPerSecondPerCore: Math.round(events / cpuSeconds),
      seedsPerCpuHour: Math.round((reports.length * 3600) / cpuSeconds),
      faults: addUp(reports.map(({ faults }) => faults)),
      operations: {
        asked: sum(reports.map(({ operations }) => operations.asked)),
        done: sum(reports.map(({ operations }) => operations.done)),
        unknown: sum(reports.map(({ operations }) => operations.unknown)),
        none: sum(reports.map(({ operations }) => operations.none)),
      },
      leaderships: sum(reports.map(({ leaderships }) => leaderships)),
      density: {
        medianFaults: median(reports.map(({ faults }) => sum(Object.values(faults)))),
        medianOperations: median(reports.map(({ operations }) => operations.asked)),
        medianLeaderships: median(reports.map(({ leaderships }) => leaderships)),
        busyShare:
          reports.filter(({ doneDuringFaults }) => doneDuringFaults >= BUSY_OPERATIONS).length /
          reports.length,
      },
      marks: met,
      missed: marks.filter((mark) => met[mark] === 0),
      violations: this.violations,
    };
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? 0;
}

function addUp(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const count of counts) {
    for (const [name, number] of Object.entries(count)) total[name] = (total[name] ?? 0) + number;
  }
  return total;
}
