import { goals } from "./goals/list.ts";
import { measureIn } from "./goals/measures.ts";
import { aligned, inDigits } from "./report.ts";
import type { Result } from "./suite.ts";

/** The result of a goal. */
export interface Outcome {
  readonly goal: string;
  /** The target, such as `>= 2`. */
  readonly asked: string;
  /** What the target limits, such as a ratio. Undefined if its suite did not run, or if nothing can be measured yet. */
  readonly measured: number | undefined;
  /** durio's part of a ratio. */
  readonly durio?: number | undefined;
  /** The other part of a ratio, and whose it is: the better etcd, unless the goal names another system. */
  readonly other?: { readonly contender: string; readonly figure: number } | undefined;
  readonly reached: boolean | undefined;
  /** Why there is no result, or why the goal is not reached. Empty if it is, or if nothing is known. */
  readonly remark: string;
}

export function outcomesOf(results: readonly Result[]): readonly Outcome[] {
  return goals.map(({ goal, atLeast, atMost, measure, ifShort = "" }) => {
    const asked = atLeast === undefined ? `<= ${atMost}` : `>= ${atLeast}`;
    const none = { goal, asked, measured: undefined, reached: undefined };
    if (measure === "not built") return { ...none, remark: "not built" };
    const suites = new Set<string>();
    const found = measure(measureIn(results, (suite) => suites.add(suite)));
    if (found === undefined) return { ...none, remark: `not measured: --only ${[...suites].join(",")}` };
    const reached = found.value >= (atLeast ?? found.value) && found.value <= (atMost ?? found.value);
    const { value: measured, durio, other } = found;
    return { goal, asked, measured, durio, other, reached, remark: reached ? "" : ifShort };
  });
}

export function goalsTable(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(({ goal, asked, measured, durio, other, reached, remark }) => [
    goal,
    asked,
    inDigits(measured),
    reached === undefined ? "" : reached ? "yes" : "no",
    inDigits(durio),
    other === undefined ? "" : `${inDigits(other.figure)} (${other.contender})`,
    remark === "" ? "" : `  ${remark}`,
  ]);
  const head = ["goal", "asked", "measured", "reached", "durio", "the other", "  remark"];
  return aligned([head, ...rows], [0, 6]);
}
