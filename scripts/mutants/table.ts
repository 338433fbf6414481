import type { Verdict } from "./judge.ts";
import { numberOf } from "./list/index.ts";

const NAME_WIDTH = 42;

/** Returns one line on one mutant. */
export function row({ mutant: { id, name, caughtBy }, fate, seconds }: Verdict): string {
  const subject = `${id.padEnd(4)} ${name.padEnd(NAME_WIDTH)}`;
  const time = `${seconds.toFixed(0)} s`.padStart(6);
  switch (fate.type) {
    case "caught": {
      const expected = caughtBy.some((property) => property === fate.property);
      const by = `${fate.property}${expected ? "" : ` (not ${caughtBy.join(", ")})`}`;
      return `${subject} ${String(fate.seeds).padStart(5)} seeds ${time}  ${by}: ${fate.message}`;
    }
    case "survived":
      return `${subject} ${String(fate.seeds).padStart(5)} seeds ${time}  SURVIVED`;
    case "error":
      return `${subject} ${"".padStart(11)} ${time}  ERROR: ${fate.message}`;
  }
}

/** Returns the number of each kind, and the time taken. */
export function closing(verdicts: readonly Verdict[]): string {
  const seeds = verdicts
    .flatMap(({ fate }) => (fate.type === "caught" ? [fate.seeds] : []))
    .sort((a, b) => a - b);
  const numbers = new Set(verdicts.map(({ mutant }) => numberOf(mutant)));
  const open = new Set(
    verdicts.flatMap(({ mutant, fate }) => (fate.type === "caught" ? [] : [numberOf(mutant)])),
  );
  return (
    `${numbers.size - open.size} of ${numbers.size} mistakes caught, in ${seeds.length} of ${verdicts.length} forms; ` +
    `seeds: median ${seeds[seeds.length >> 1] ?? 0}, worst ${seeds.at(-1) ?? 0}`
  );
}
