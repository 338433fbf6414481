import type { Result, Suite } from "./suite.ts";

/** In the JSON but not in the table. */
const unshown = new Set(["p95Ms", "maxMs", "loadCpuPercent"]);

/** Formats tables in plain text: for each suite and main figure, its cases with a line for each contender. */
export function tableOf(suites: readonly Suite[], results: readonly Result[]): string {
  const blocks = suites.map(({ name, about }) => {
    const own = results.filter(({ suite }) => suite === name);
    if (own.length === 0) return "";
    const mainFigures = new Set(own.map(mainFigureOf));
    const alike = (main: string | undefined) => own.filter((result) => mainFigureOf(result) === main);
    const tables = [...mainFigures].map((main) => `${blockOf(alike(main))}\n`);
    return [`${name}: ${about}\n`, ...tables].join("\n");
  });
  return blocks.filter((block) => block !== "").join("\n");
}

/** Returns the first figure of a round. */
function mainFigureOf({ rounds: [first = {}] }: Result): string | undefined {
  return Object.keys(first)[0];
}

function blockOf(results: readonly Result[]): string {
  const names = new Set(results.flatMap(({ rounds }) => rounds.flatMap((figures) => Object.keys(figures))));
  const shown = [...names].filter((name) => !unshown.has(name));
  const [main = "", ...others] = shown;
  const rows = [["", labelOf(main), "(least-most)", "ratio", ...others.map(labelOf)]];
  for (const name of new Set(results.map((result) => result.case))) {
    const contenders = results.filter((result) => result.case === name);
    rows.push([name]);
    for (const result of contenders) {
      const figures = others.map((other) => inDigits(median(result, other)));
      const ratio = ratioOf(result, baseOf(contenders, main), main);
      rows.push([
        `  ${result.contender}`,
        inDigits(median(result, main)),
        rangeOf(result, main),
        ratio,
        ...figures,
      ]);
    }
  }
  return aligned(rows);
}

/** Returns the median of a figure over all rounds, or undefined if it was not measured. */
export function median(result: Result | undefined, figure: string): number | undefined {
  const values = valuesOf(result, figure);
  return values[Math.floor(values.length / 2)];
}

/** Ascending. */
export function valuesOf(result: Result | undefined, figure: string): readonly number[] {
  const values = result?.rounds.flatMap((figures) => figures[figure] ?? []) ?? [];
  return values.sort((a, b) => a - b);
}

/** Returns the contender to compare with: the better etcd, otherwise the first. */
function baseOf(contenders: readonly Result[], figure: string): Result | undefined {
  return betterEtcd(contenders, figure) ?? contenders[0];
}

/** Of requests per second, more is better; of everything else, less. */
export function isMoreBetter(figure: string): boolean {
  return figure === "perSecond";
}

/**
 * Returns the better of several versions of etcd by the median of a figure: those that are called by their own client if
 * there are any.
 */
export function betterEtcd(contenders: readonly Result[], figure: string): Result | undefined {
  const etcds = contenders.filter(
    (result) => result.contender.startsWith("etcd ") && median(result, figure) !== undefined,
  );
  const direct = etcds.filter(({ contender }) => contender.endsWith(", gRPC"));
  const sign = isMoreBetter(figure) ? -1 : 1;
  const badness = (result: Result) => sign * (median(result, figure) ?? 0);
  return [...(direct.length > 0 ? direct : etcds)].sort((a, b) => badness(a) - badness(b))[0];
}

function ratioOf(result: Result, base: Result | undefined, figure: string): string {
  const [own, other] = [median(result, figure), median(base, figure)];
  return own === undefined || other === undefined || result === base ? "" : (own / other).toFixed(2);
}

function rangeOf(result: Result, figure: string): string {
  const values = valuesOf(result, figure);
  return values.length < 2 ? "" : `(${inDigits(values[0])}-${inDigits(values.at(-1))})`;
}

/** Returns a figure with three digits or more; empty if it was not measured. */
export function inDigits(value: number | undefined): string {
  if (value === undefined) return "";
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** Returns `p99.9 ms` for `p999Ms` and `leader CPU µs` for `leaderCpuUs`. */
export function labelOf(figure: string): string {
  if (figure === "perSecond") return "/s";
  const words = figure.replace(/^p999/, "p99.9").replace(/(?<=[a-z0-9])(?=[A-Z])/g, " ");
  const spelled: Record<string, string> = { cpu: "CPU", us: "µs", mib: "MiB", percent: "%" };
  return words
    .split(" ")
    .map((word) => spelled[word.toLowerCase()] ?? word.toLowerCase())
    .join(" ");
}

/**
 * Aligns names to the left and figures to the right.
 *
 * @param names the columns of names. Default: the first
 */
export function aligned(rows: readonly (readonly string[])[], names: readonly number[] = [0]): string {
  const widths = rows.reduce<number[]>((widest, row) => {
    row.forEach((cell, at) => {
      widest[at] = Math.max(widest[at] ?? 0, cell.length);
    });
    return widest;
  }, []);
  const line = (row: readonly string[]) =>
    row
      .map((cell, at) => (names.includes(at) ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join("  ");
  return rows.map((row) => line(row).trimEnd()).join("\n");
}
