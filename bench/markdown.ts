import type { Outcome } from "./goals.ts";
import { inDigits, labelOf, median } from "./report.ts";
import type { Result, Suite } from "./suite.ts";

/** Formats tables for docs/performance.md: a column for each case of a load, a row for each contender. */
export function markdownOf(suites: readonly Suite[], results: readonly Result[]): string {
  const blocks = suites.flatMap(({ name, about }) => {
    const own = results.filter(({ suite }) => suite === name);
    const loads = own.filter((result) => median(result, "leaderCpuUs") !== undefined);
    const rest = own.filter((result) => !loads.includes(result));
    const tables = [
      ...(loads.length === 0 ? [] : [loadTable(loads), costTable(loads)]),
      ...(rest.length === 0 ? [] : [figuresTable(rest)]),
    ];
    return tables.length === 0 ? [] : [`${name}: ${about}`, ...tables];
  });
  return blocks.join("\n\n");
}

export function goalsMarkdown(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(({ goal, asked, measured, durio, other, reached, remark }) => [
    goal,
    asked,
    inDigits(measured),
    other === undefined ? "" : `${inDigits(durio)}, ${inDigits(other.figure)} (${other.contender})`,
    [reached === undefined ? "" : reached ? "reached" : "not reached", remark].filter(Boolean).join(": "),
  ]);
  return table([["goal", "asked", "measured", "durio, the other", ""], ...rows]);
}

function loadTable(results: readonly Result[]): string {
  return byCase(results, "/s (p99, p99.9 ms)", (result) => {
    const [perSecond, p99, p999] = ["perSecond", "p99Ms", "p999Ms"].map((figure) => median(result, figure));
    return `${inDigits(perSecond)} (${inDigits(p99)}, ${inDigits(p999)})`;
  });
}

function costTable(results: readonly Result[]): string {
  return byCase(results, "CPU per request, µs: leader + follower + load (leader's main thread)", (result) => {
    const parts = ["leaderCpuUs", "followerCpuUs", "loadCpuUs"].map((figure) => median(result, figure));
    const main = median(result, "leaderMainUs");
    return `${parts.map(inDigits).join(" + ")}${main === undefined ? "" : ` (${inDigits(main)})`}`;
  });
}

function byCase(results: readonly Result[], title: string, cell: (result: Result) => string): string {
  const cases = [...new Set(results.map((result) => result.case))];
  const names = [...new Set(results.map(({ contender }) => contender))];
  const rows = names.map((name) => [
    name,
    ...cases.map((each) => {
      const result = results.find(({ contender, ...other }) => contender === name && other.case === each);
      return result === undefined ? "" : cell(result);
    }),
  ]);
  return table([[title, ...cases], ...rows]);
}

function figuresTable(results: readonly Result[]): string {
  const figures = [
    ...new Set(results.flatMap(({ rounds }) => rounds.flatMap((round) => Object.keys(round)))),
  ];
  const rows = results.map((result) => [
    `${result.case}, ${result.contender}`,
    ...figures.map((figure) => inDigits(median(result, figure))),
  ]);
  return table([["", ...figures.map(labelOf)], ...rows]);
}

function table([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
