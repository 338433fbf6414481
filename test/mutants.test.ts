import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { mutants } from "./mutants/index.ts";

test("every mistake of the list has a mutant", () => {
  const numbers = new Set(mutants.map(({ id }) => Number.parseInt(id, 10)));
  expect([...numbers]).toEqual(Array.from({ length: 41 }, (_, at) => at + 1));
  expect(new Set(mutants.map(({ id }) => id)).size).toBe(mutants.length);
});

test.each(mutants.map((mutant) => [mutant.id, mutant] as const))(
  "mutant %s applies: each of its edits is found once, and changes something",
  (_id, { edits }) => {
    for (const { file, from, to } of edits) {
      const text = readFileSync(new URL(`../${file}`, import.meta.url), "utf8");
      expect(text.split(from).length - 1, `${file}: ${from}`).toBe(1);
      expect(to).not.toBe(from);
    }
  },
);
