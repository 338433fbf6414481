import { describe, expect, test } from "vitest";
import { DisallowedStep, rules } from "../../../src/testing/abstract-raft/index.ts";
import { durabilityStories } from "./durability-stories.ts";
import { electionStories } from "./election-stories.ts";
import { leaderStories } from "./leader-stories.ts";
import { logStories } from "./log-stories.ts";

const stories = [...electionStories, ...logStories, ...leaderStories, ...durabilityStories];

function violationOf(tell: () => void): DisallowedStep {
  try {
    tell();
  } catch (error) {
    if (error instanceof DisallowedStep) return error;
    throw error;
  }
  throw new Error("every step was allowed");
}

describe("the abstract Raft allows no step against the rule that", () => {
  for (const { rule: name, tell } of stories) {
    const { rule, source } = rules[name];
    test(rule, () => {
      const violation = violationOf(tell);
      expect(violation.message).toContain(`${source}: ${rule} (replica ${violation.replica}, on `);
      expect(violation.ruleName).toBe(name);
    });
  }
});

test("every rule was broken once", () => {
  expect(stories.map(({ rule }) => rule).sort()).toEqual(Object.keys(rules).sort());
});
