import { clocks } from "./clocks.ts";
import { cuts } from "./cuts.ts";
import { disks } from "./disks.ts";
import { kills } from "./kills.ts";
import { losses } from "./losses.ts";
import { type FaultKind, faultKinds, type Nemesis } from "./nemesis.ts";
import { pauses } from "./pauses.ts";

export { type FaultKind, faultKinds, minority, type Nemesis, type Setting, type World } from "./nemesis.ts";

export const nemeses: readonly Nemesis[] = [...kills, ...pauses, ...cuts, ...disks, ...losses, ...clocks];

/**
 * Returns the kinds of faults named by words: a kind itself, or the first word of several, such as `kill` and `disk`.
 *
 * @throws RangeError for an unknown word
 */
export function faultsNamed(words: readonly string[]): FaultKind[] {
  const named = (word: string) => faultKinds.filter((kind) => kind === word || kind.startsWith(`${word}-`));
  const unknown = words.filter((word) => named(word).length === 0);
  if (unknown.length > 0) {
    throw new RangeError(
      `faults: ${faultKinds.join(", ")}, or first words of these, not ${unknown.join(", ")}`,
    );
  }
  return faultKinds.filter((kind) => words.some((word) => named(word).includes(kind)));
}
