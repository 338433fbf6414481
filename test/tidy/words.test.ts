import { describe, expect, test } from "vitest";
import { sourceFiles } from "./source-files.ts";

/** Phrases that a reader has to decode, and what to write instead. */
const plainWords: readonly (readonly [RegExp, string])[] = [
  [/\bunless given\b/, "Default: …"],
  [/\b(undefined|true|false) where\b/, "… if"],
  [/@throws .*\bwhere\b/, "@throws … if"],
  [/\bthe own\b/, "whose it is: the leader's, this replica's"],
  [/\blest\b/, "because … would"],
];

describe("words", () => {
  test("are plain", () => {
    const hard = ["src", "transports", "adapters", "test", "bench", "scripts"]
      .flatMap(sourceFiles)
      .filter(({ path }) => path !== "test/tidy/words.test.ts")
      .flatMap(({ path, text }) =>
        text
          .split("\n")
          .flatMap((line, at) =>
            plainWords.flatMap(([phrase, instead]) =>
              phrase.test(line) ? [`${path}:${at + 1}: ${line.trim()} (write: ${instead})`] : [],
            ),
          ),
      );
    expect(hard).toEqual([]);
  });
});
