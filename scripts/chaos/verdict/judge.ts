import { checkLinearizability } from "../../../src/testing/linearizability/index.ts";
import type { ChaosOperation } from "../history.ts";
import type { Finding } from "./finding.ts";
import { place } from "./order.ts";
import { finding, type Observations, observe } from "./reigns.ts";

/** The checker's budget of configurations for one key. */
const BUDGET = 500_000;

/** Returns what is wrong with the clients' results, key by key: first what is evident, then what the checker finds. */
export function judge(history: readonly ChaosOperation[], budget: number = BUDGET): Finding[] {
  const keys = new Map<string, ChaosOperation[]>();
  for (const operation of history) {
    const known = keys.get(operation.key);
    if (known === undefined) keys.set(operation.key, [operation]);
    else known.push(operation);
  }
  return [...keys].flatMap(([key, operations]) => judgeKey(key, operations, budget));
}

function judgeKey(key: string, operations: readonly ChaosOperation[], budget: number): Finding[] {
  const observations = observe(operations);
  const findings = [...observations.findings, ...goesBack(observations), ...misses(operations, observations)];
  // An evident error needs no search, and the search would find it again.
  if (findings.length > 0) return findings;
  const placed = place(operations, observations);
  if (placed === undefined)
    return [{ kind: "illegal", text: `${key}: appends were shown in an order that time forbids` }];
  const { verdict, partitions } = checkLinearizability(placed.operations, placed.model, { budget });
  if (verdict === "linearizable") return [];
  if (verdict === "undecided") {
    return [
      {
        kind: "undecided",
        text: `${key}: ${operations.length} operations, undecided after ${budget} configurations`,
      },
    ];
  }
  const stuck = partitions[0]?.stuck;
  const what =
    stuck === undefined
      ? ""
      : `: no place for a ${stuck.input.type} of ${stuck.client} at ${stuck.callAt.toFixed(0)} ms`;
  return [{ kind: "illegal", text: `${key}: no order explains its ${operations.length} operations${what}` }];
}

/** Within a reign a value only grows. */
function goesBack({ gets, reigns }: Observations): Finding[] {
  return reigns.flatMap((reign) => {
    const own = gets.filter((shown) => shown.reign === reign).sort((a, b) => a.get.callAt - b.get.callAt);
    const byReturn = [...own].sort((a, b) => a.get.returnAt - b.get.returnAt);
    const findings: Finding[] = [];
    let returned = 0;
    let longest = 0;
    for (const { get, length } of own) {
      for (; (byReturn[returned]?.get.returnAt ?? Number.POSITIVE_INFINITY) < get.callAt; returned++) {
        longest = Math.max(longest, byReturn[returned]?.length ?? 0);
      }
      if (length < longest)
        findings.push(finding("stale", get, `shows ${length} appends, and an earlier one ${longest}`));
    }
    return findings;
  });
}

/** With appends only, each acknowledged one must be in each later get. */
function misses(operations: readonly ChaosOperation[], { gets, reigns }: Observations): Finding[] {
  if (operations.some(({ action }) => action.type === "put")) return [];
  const [start] = reigns;
  if (start === undefined) return [];
  const position = new Map(start.appends.map((append, at) => [append, at]));
  return operations.flatMap((append): Finding[] => {
    if (append.action.type !== "append" || append.outcome !== "ok") return [];
    const at = position.get(append) ?? Number.POSITIVE_INFINITY;
    const without = gets.find(({ get, length }) => get.callAt > append.returnAt && length <= at);
    if (without === undefined) return [];
    const { tag } = append.action;
    return [
      finding(Number.isFinite(at) ? "stale" : "lost", without.get, `misses ${tag}, acknowledged before it`),
    ];
  });
}
