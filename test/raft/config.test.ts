import { expect, test } from "vitest";
import { checkConfig, replicaId } from "../../src/raft/index.ts";
import { configOf } from "./core-config.ts";
import { n1, n2 } from "./inputs.ts";

const ids = (count: number) => Array.from({ length: count }, (_, n) => replicaId(`n${n + 1}`));

test("clusters of 1 to 9 voters are accepted", () => {
  for (let size = 1; size <= 9; size++) expect(() => checkConfig(configOf(n1, ids(size)))).not.toThrow();
});

test("a wrong list of voters is refused by name", () => {
  expect(() => checkConfig(configOf(n1, []))).toThrow("voters: a cluster has 1 to 9 voters, not 0");
  expect(() => checkConfig(configOf(n1, ids(10)))).toThrow("voters: a cluster has 1 to 9 voters, not 10");
  expect(() => checkConfig(configOf(n1, [n1, n1]))).toThrow("voters: every voter is named once");
  expect(() => checkConfig(configOf(n1, [n2]))).toThrow("id: n1 is not among the voters n2");
});

test("a number out of range is rejected with its name, its value and the allowed range", () => {
  const check = (tuning: Parameters<typeof configOf>[2]) => () => checkConfig(configOf(n1, [n1], tuning));
  expect(check({ maxAppendBytes: 0 })).toThrow("maxAppendBytes: a whole number of at least 1, not 0");
  expect(check({ heartbeatMs: 1.5 })).toThrow(RangeError);
  expect(check({ retainedLogBytes: 0 })).not.toThrow();
  expect(check({ electionTimeoutMinMs: 99 })).toThrow(
    "electionTimeoutMinMs: at least twice heartbeatMs (50), not 99",
  );
  expect(check({ electionTimeoutMaxMs: 300 })).toThrow(
    "electionTimeoutMaxMs: more than electionTimeoutMinMs",
  );
});
