import { describe, expect, test } from "vitest";
import { type CoreMaker, type Exploration, explore } from "../../../src/testing/exploration/index.ts";
import {
  acknowledgesAll,
  answersTooEarly,
  forgetsItsVote,
  needsNoQuorum,
  storesOtherBytes,
  trustsAnyLog,
  votesTwice,
} from "./broken-cores.ts";

function statesOf({ reports }: Exploration): number {
  return reports.at(-1)?.states ?? 0;
}

describe("exhaustively, up to a number of actions,", () => {
  test("three replicas with two terms, two proposals and a crash break no rule", () => {
    const exploration = explore({ bounds: { depth: 10 } });
    expect(exploration.violation).toBeUndefined();
    expect(statesOf(exploration)).toBeGreaterThan(18_000);
    expect(exploration.reports.at(-1)).toMatchObject({ termsLed: 2 });
  });

  test("nor do they if messages are lost and duplicated", () => {
    const exploration = explore({ bounds: { depth: 8, losses: 1, repeats: 1 } });
    expect(exploration.violation).toBeUndefined();
    expect(statesOf(exploration)).toBeGreaterThan(9_000);
  });

  test("nor do they in the longer runs for which the writes are left out", () => {
    const exploration = explore({ bounds: { depth: 9, crashes: 0 }, promptWrites: true });
    expect(exploration.violation).toBeUndefined();
    expect(statesOf(exploration)).toBeGreaterThan(40_000);
    expect(exploration.reports.at(-1)).toMatchObject({ termsLed: 2, committed: 3 });
  });

  test("a single replica commits alone, and there is nothing more to explore", () => {
    const bounds = { depth: 50, replicas: 1, terms: 1, proposals: 2, crashes: 0, heartbeats: 0 };
    const exploration = explore({ bounds });
    expect(exploration.violation).toBeUndefined();
    expect(exploration.isComplete).toBe(true);
    expect(exploration.reports.at(-1)).toMatchObject({ termsLed: 1, committed: 3 });
  });
});

describe("of states that count as one", () => {
  test("all continue in the same way", () => {
    const { comparedSteps } = explore({ bounds: { depth: 8, losses: 1 }, checkMerging: true });
    expect(comparedSteps).toBeGreaterThan(1_000);
  });

  test("those that only call replicas by other names are up to six", () => {
    const [reduced, plain] = [true, false].map((renaming) =>
      statesOf(explore({ bounds: { depth: 7 }, renaming })),
    );
    expect(plain).toBeGreaterThan(5 * (reduced ?? 0));
    expect(plain).toBeLessThanOrEqual(6 * (reduced ?? 0));
  });
});

describe("a mistake is found, with a shortest run that shows it:", () => {
  const found = (makeCore: CoreMaker, depth: number) => explore({ bounds: { depth }, makeCore }).violation;

  test("a vote that is forgotten in a crash", () => {
    const violation = found(forgetsItsVote, 8);
    expect(violation?.rule).toBe("one vote is written per term, across restarts (§5.2)");
    expect(violation?.trace.some((line) => line.includes("crashes"))).toBe(true);
  });

  test("a leader without a quorum", () => {
    const violation = found(needsNoQuorum, 4);
    expect(violation?.rule).toBe("a leader has a quorum of durable votes (§5.2)");
    expect(violation?.trace).toEqual(["n1 campaigns for term 1", "n1 completes its write"]);
  });

  test("a vote for a log that lacks what is committed", () => {
    const violation = explore({ bounds: { depth: 9 }, promptWrites: true, makeCore: trustsAnyLog }).violation;
    expect(violation?.rule).toContain("holds all that was committed in earlier terms (§5.4.3)");
  });

  test("a vote that was not given", () => {
    expect(found(votesTwice, 6)?.rule).toContain("durable when it is sent");
  });

  test("entries that were refused, and acknowledged", () => {
    expect(found(acknowledgesAll, 14)?.rule).toContain("durable when they are acknowledged");
  });

  test("an answer that leaves before its write is done", () => {
    expect(found(answersTooEarly, 4)?.rule).toContain("durable");
  });

  test("bytes that are not the leader's", () => {
    expect(found(storesOtherBytes, 12)?.rule).toContain("entries of the same index and term are equal");
  });
});
