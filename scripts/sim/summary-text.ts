import type { Summary } from "./tally.ts";

/** Formats a summary. */
export function summaryText(summary: Summary): string {
  const { density, operations, violations, missed } = summary;
  const lines = [
    `seeds          ${count(summary.seeds)}`,
    `virtual time   ${count(summary.virtualSeconds)} s`,
    `events         ${count(summary.events)}`,
    `events/s       ${count(summary.eventsPerSecondPerCore)} per core; ${count(summary.seedsPerCpuHour)} seeds per CPU hour`,
    `faults         ${entries(summary.faults)}`,
    `operations     ${count(operations.asked)}: ${count(operations.done)} done, ${count(operations.unknown)} of unknown outcome, ${count(operations.none)} that did nothing`,
    `leaderships    ${count(summary.leaderships)}`,
    `median seed    ${density.medianFaults} faults, ${density.medianOperations} operations, ${density.medianLeaderships} leaderships`,
    `busy seeds     ${(100 * density.busyShare).toFixed(1)} % had 50 operations answered during the faults`,
    "",
    "seeds in which each situation was met:",
    ...Object.entries(summary.marks).map(([mark, seeds]) => `${count(seeds).padStart(9)}  ${mark}`),
    missed.length === 0 ? "every situation was met" : `not met: ${missed.join("; ")}`,
    "",
    violations.length === 0 ? "violations     none" : `violations     ${violations.length}`,
    ...violations.flatMap(({ property, message, reproduce }) => [
      `  ${property}: ${message}`,
      `      ${reproduce}`,
    ]),
  ];
  return lines.join("\n");
}

function count(number: number): string {
  return number.toLocaleString("en-US");
}

function entries(counts: Readonly<Record<string, number>>): string {
  const sorted = Object.entries(counts).sort(([, a], [, b]) => b - a);
  return sorted.map(([name, number]) => `${name} ${count(number)}`).join(", ");
}
