import { describe, expect, test } from "vitest";
import { sourceFiles, withoutComments } from "./source-files.ts";

/** A call with an array spread into its arguments. Engines keep arguments on the stack, and throw if there are too many. */
const spreadIntoCall = /\b(push|unshift|splice|concat|max|min|fromCharCode|fromCodePoint)\([^()\n]*\.\.\./;
/** Files whose spread arrays hold a handful of items at most. */
const boundedSpreads: readonly string[] = ["src/kv/value-map.ts"];

const files = ["src", "transports", "adapters"].flatMap(sourceFiles);

describe("time", () => {
  test("is read from a monotonic clock: no wall clock influences anything", () => {
    const readers = files.filter(({ text }) => /\bDate\b/.test(text));
    // The dates of certificates, and the texts of events and of a lock file.
    expect(readers.map(({ path }) => path).sort()).toEqual([
      "adapters/file/lock-holder.ts",
      "src/durio/cert/calendar.ts",
      "src/durio/wall-time.ts",
    ]);
  });
});

describe("the pure folders", () => {
  test("never wait, and use no randomness: they depend only on their inputs", () => {
    const impure =
      /\b(async|await|Promise|Math\.random|performance|setTimeout|setImmediate|queueMicrotask)\b/;
    const pure = files.filter(({ path }) => path.startsWith("src/raft/") || path.startsWith("src/kv/"));
    expect(pure.filter(({ text }) => impure.test(withoutComments(text))).map(({ path }) => path)).toEqual([]);
  });
});

describe("arguments", () => {
  test("are never the items of an array that may be long", () => {
    const spreads = files
      .filter(({ path }) => !path.startsWith("src/testing/") && !boundedSpreads.includes(path))
      .flatMap(({ path, text }) =>
        text
          .split("\n")
          .flatMap((line, at) => (spreadIntoCall.test(line) ? [`${path}:${at + 1}: ${line.trim()}`] : [])),
      );
    expect(spreads).toEqual([]);
  });
});
