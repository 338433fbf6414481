import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { root } from "./source-files.ts";

/** Words and phrases that a reader has to decode, each with its replacement. Only patterns without false positives. */
const replacements: readonly (readonly [pattern: RegExp, instead: string])[] = [
  // Conditions and defaults
  [/\b(undefined|true|false|null|nothing|none|empty|zero|absent) where\b/, "… if"],
  [/@(throws|returns) [^.]*\bwhere\b/, "… if"],
  [/\bunless given\b/, "Default: …"],
  // Reasons
  [
    /\bfor (it|they|he|she) (is|are|was|were|has|have|had|may|might|can|could|would|will|must)\b/,
    "because …",
  ],
  [/\bfor there (is|are|was|were)\b/, "because there …"],
  [/\blest\b/, "because … would"],
  // Persons and things
  [/\bwho(m|so)?ever\b/i, "the noun: every client, the caller, a replica that …"],
  [/\bwhatever\b/i, "any, every, even if, independent of"],
  [/\b(?<!there )(is|are|was|were) none (of|that)\b/, "is not a …"],
  [/\bthe own\b/, "its, the leader's, this replica's"],
  [/\bof (its|their|his|her|one's) own\b(?! [a-z])/, "its own …, a separate …"],
  [/\ba [a-z]+ of (its|their|his|her|one's) own\b/, "its own …, a separate …"],
  [/\bby (it|them)sel(f|ves)\b/, "automatically, alone, or nothing"],
  [/\bstands? (in|at|there|beside|once|above|below|behind|before|on)\b/, "is in, follows, precedes"],
  [/\bsee(s|n)? to it\b/, "make sure"],
  [/\bbut for\b/i, "except"],
  [/\bfor ever\b/, "forever"],
  [/\btold of\b|\btells? of\b/, "reported, logged, describes"],
  // Metaphors
  [/\bunder ?way\b|underWay/i, "in flight, in progress"],
  [/\bhears?\b|\bheard\b|[a-z]Hears?\b|[a-z]Heard\b/, "receives, is in contact with"],
  [/\bnewcomers?\b|Newcomer/i, "a bootstrapping replica"],
  [/\bstrangers?\b(?!")/i, "a replica that is not a peer, an untrusted client"],
  [/\bcompany\b/, "a batch"],
  [/\brooms?\b|[a-z]Room\b/i, "space, capacity, budget, slot"],
  [/\blanes?\b|[a-z]Lanes?\b/, "queue, batcher, row"],
  [/\b(lets?|letting) ((nobody|nothing|another|it|them|us|others) )?in\b(?! [a-z]+ing)/, "accepts, admits"],
  [/\bbegets?\b/, "returns, creates"],
  // Names
  [/#told\b|\.told\(|#\w+Told\b/, "reported, informed"],
  [/\b(class|interface|type) (Place|Exchange|Plain|Shape|Addressee)\b/, "see docs/glossary.md"],
  [
    /\b(reliedOn|reliances?|mayForget|graceGiven|disregarded|speakerOf|askAdmission)\b/,
    "see docs/glossary.md",
  ],
  [/\b(burglars?|scenes?|stor(y|ies))\b/i, "violation, step, scenario, events"],
];

/** Files that name the words of earlier versions. */
const histories: readonly string[] = [
  "CHANGELOG.md",
  "docs/decisions/0006-empty-storage.md",
  "test/tidy/words.test.ts",
];

/** Metaphors in the name of a file. */
const hardName = /[-/](told|hears|asks|life|lane|room|place|newcomer|story|stories|stage|plays)[-.]/;

/** Files that contain sentences. */
const prose = /\.(ts|mjs|md|sh|go)$|^test\/raft\/scenarios\/[\w-]+\.txt$/;

function pathsBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => prose.test(path) && !/\/(node_modules|data|dist)\//.test(path));
}

function pagesIn(folder: string): string[] {
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(folder, name));
}

function hardWords(path: string, text: string): string[] {
  return text.split("\n").flatMap((line, at) =>
    replacements.flatMap(([pattern, instead]) => {
      const found = pattern.exec(line)?.[0];
      return found === undefined
        ? []
        : [`${path}:${at + 1}: write ${instead} for "${found}": ${line.trim()}`];
    }),
  );
}

describe("words", () => {
  test("are plain", () => {
    const folders = ["src", "transports", "adapters", "test", "bench", "scripts", "examples"];
    const paths = [...folders.flatMap(pathsBelow), ...["docs", "docs/decisions", "."].flatMap(pagesIn)];
    const hard = paths
      .filter((path) => !histories.includes(path))
      .flatMap((path) => hardWords(path, readFileSync(join(root, path), "utf8")));
    expect(hard).toEqual([]);
  });

  test("in names of files are the field's", () => {
    const folders = ["src", "transports", "adapters", "test", "bench", "scripts"];
    expect(folders.flatMap(pathsBelow).filter((path) => hardName.test(path))).toEqual([]);
  });

  test("that are hard are found, plain ones are not", () => {
    const hard = "Whoever hears of it is told where it stands in the log, for it has a lane of its own";
    expect(hardWords("a.ts", hard)).toHaveLength(7);
    expect(
      hardWords("a.ts", "An entry of its own term; if there is none, it stands for all before it"),
    ).toEqual([]);
  });
});
