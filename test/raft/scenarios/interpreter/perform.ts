import { castDirections } from "./cast-directions.ts";
import { type Direction, match } from "./direction.ts";
import { electionDirections } from "./election-directions.ts";
import { expectations } from "./expectations.ts";
import { networkDirections } from "./network-directions.ts";
import { type Directive, type Play, PlayError, printPlay } from "./play.ts";
import { replicaDirections } from "./replica-directions.ts";
import { Stage } from "./stage.ts";
import { timeDirections } from "./time-directions.ts";

/** All directives there are; the first one that fits is meant. */
export const directions: readonly Direction[] = [
  ...expectations,
  ...castDirections,
  ...electionDirections,
  ...timeDirections,
  ...networkDirections,
  ...replicaDirections,
];

/**
 * Performs a play from its first directive to its last.
 *
 * @returns the text of the play with what happened as its transcripts
 * @throws PlayError if a directive is unknown or can't be followed, an expectation does not hold, or a
 *   replica breaks one of its rules
 */
export function perform(play: Play): string {
  const stage = new Stage();
  const transcripts = new Map<Directive, readonly string[]>();
  for (const block of play.blocks) {
    if (block.type === "directive") transcripts.set(block, follow(play, stage, block));
  }
  return printPlay(play, transcripts);
}

function follow(play: Play, stage: Stage, directive: Directive): string[] {
  for (const direction of directions) {
    const words = match(direction, directive.text);
    if (words === undefined) continue;
    try {
      direction.run(stage, words);
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      const before = stage.recorder.take().map((line) => `\n  ${line}`);
      throw new PlayError(
        play.file,
        directive.line,
        `> ${directive.text}${before.join("")}\n${problem}`,
        error,
      );
    }
    const transcript = stage.recorder.take();
    return transcript.length === 0 && direction.acts ? ["(nothing to be seen)"] : transcript;
  }
  const allowed = directions.map(({ usage }) => `\n  ${usage}`).join("");
  throw new PlayError(
    play.file,
    directive.line,
    `> ${directive.text}\nis none of the directives there are:${allowed}`,
  );
}
