import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { planted } from "../scripts/chaos/planted.ts";
import { type Edit, killingSeeds, mutants, numberOf } from "../scripts/mutants/list/index.ts";

const MISTAKES = 67;

describe("the mutants", () => {
  test("make every mistake of the list", () => {
    const numbers = new Set(mutants.map(numberOf));
    expect([...numbers]).toEqual(Array.from({ length: MISTAKES }, (_, at) => at + 1));
  });

  test("have different ids and names", () => {
    expect(new Set(mutants.map(({ id }) => id)).size).toBe(mutants.length);
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
    for (const { id, name } of mutants) {
      expect(id).toMatch(/^\d+[a-z]?$/);
      expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    }
  });

  test("have letters if, and only if, several have the same number", () => {
    for (const mutant of mutants) {
      const forms = mutants.filter((other) => numberOf(other) === numberOf(mutant));
      expect(/[a-z]$/.test(mutant.id), mutant.id).toBe(forms.length > 1);
    }
  });

  test("have a pinned seed each, unless they are rare", () => {
    const seeded = mutants.filter(({ rare }) => rare === undefined);
    expect([...killingSeeds().keys()].sort()).toEqual(seeded.map(({ id }) => id).sort());
  });
});

test.each(mutants.map((mutant) => [mutant.id, mutant] as const))(
  "mutant %s applies: each of its edits is found once, one after the other, and changes something",
  (_id, { edits }) => expectToApply(edits),
);

test.each(planted.map((mistake) => [mistake.name, mistake] as const))(
  "the mistake %s, which npm run chaos must find, applies in the same way",
  (_name, { edits }) => expectToApply(edits),
);

function expectToApply(edits: readonly Edit[]): void {
  const texts = new Map<string, string>();
  for (const { file, from, to } of edits) {
    const text = texts.get(file) ?? readFileSync(new URL(`../${file}`, import.meta.url), "utf8");
    expect(text.split(from).length - 1, `${file}: ${from}`).toBe(1);
    expect(to).not.toBe(from);
    texts.set(
      file,
      text.replace(from, () => to),
    );
  }
}
