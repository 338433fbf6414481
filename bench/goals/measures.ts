import { betterEtcd, median } from "../report.ts";
import type { Result } from "../suite.ts";

/** Where results have a figure. */
export interface Source {
  readonly suite: string;
  readonly case: string;
  /** Default: `perSecond`. */
  readonly figure?: string;
}

/** What a goal limits. */
export interface Measured {
  readonly value: number;
  /** The parts of a ratio. */
  readonly durio?: number;
  readonly other?: { readonly contender: string; readonly figure: number };
}

/** Looks figures up: the medians of all rounds. Undefined if one was not measured. */
export interface Measures {
  /** A figure of one contender. */
  readonly alone: (contender: string, source: Source) => Measured | undefined;
  /** The ratio of a contender's figure to that of another one. */
  readonly beside: (contender: string, other: string, source: Source) => Measured | undefined;
  /** The ratio of durio's figure to that of the better etcd in the same case. */
  readonly besideEtcd: (source: Source) => Measured | undefined;
}

/** What durio should reach. Of several versions of etcd, the better one in each row counts. */
export interface Goal {
  readonly goal: string;
  readonly atLeast?: number;
  readonly atMost?: number;
  /** `not built` if durio lacks what the goal is about. */
  readonly measure: ((measures: Measures) => Measured | undefined) | "not built";
  /** Why durio does not reach it, if that is known. */
  readonly ifShort?: string;
}

/** @param onSuite called with the name of each suite whose figures are looked up */
export function measureIn(results: readonly Result[], onSuite: (suite: string) => void): Measures {
  const at = ({ suite, ...source }: Source) => {
    onSuite(suite);
    return results.filter((result) => result.suite === suite && result.case === source.case);
  };
  const find = (contender: string, source: Source) =>
    at(source).find((result) => result.contender === contender);
  const ratio = (ours: Result | undefined, other: Result | undefined, figure: string) => {
    const [durio, others] = [median(ours, figure), median(other, figure)];
    if (durio === undefined || others === undefined || other === undefined) return undefined;
    return { value: durio / others, durio, other: { contender: other.contender, figure: others } };
  };
  return {
    alone(contender, { figure = "perSecond", ...source }) {
      const value = median(find(contender, source), figure);
      return value === undefined ? undefined : { value };
    },
    beside: (contender, other, { figure = "perSecond", ...source }) =>
      ratio(find(contender, source), find(other, source), figure),
    besideEtcd: ({ figure = "perSecond", ...source }) =>
      ratio(find("durio", source), betterEtcd(at(source), figure), figure),
  };
}
