import { describe, expect, test } from "vitest";
import { DisallowedStep, rules } from "../../../src/testing/abstract-raft/index.ts";
import { durabilityViolations } from "./durability-violations.ts";
import { electionViolations } from "./election-violations.ts";
import { leaderViolations } from "./leader-violations.ts";
import { logViolations } from "./log-violations.ts";

const violations = [...electionViolations, ...logViolations, ...leaderViolations, ...durabilityViolations];

function violationOf(run: () => void): DisallowedStep {
  try {
    run();
  } catch (error) {
    if (error instanceof DisallowedStep) return error;
    throw error;
  }
  throw new Error("every step was allowed");
}

describe("the abstract Raft rejects a step that breaks the rule:", () => {
  for (const { rule: name, run } of violations) {
    const { rule, source } = rules[name];
    test(rule, () => {
      const violation = violationOf(run);
      expect(violation.message).toContain(`${source}: ${rule} (replica ${violation.replica}, on `);
      expect(violation.ruleName).toBe(name);
    });
  }
});

test("every rule has a violation", () => {
  expect(violations.map(({ rule }) => rule).sort()).toEqual(Object.keys(rules).sort());
});
