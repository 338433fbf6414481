import { describe, expect, test } from "vitest";
import type { ChaosOperation } from "../../../scripts/chaos/history.ts";
import { Random } from "../../../scripts/chaos/random.ts";
import { judge } from "../../../scripts/chaos/verdict/index.ts";
import {
  checkLinearizability,
  type KeyValueInput,
  type KeyValueOutput,
  keyValueModel,
  type Operation,
} from "../../../src/testing/linearizability/index.ts";
import { append, get, put } from "./histories.ts";

function kinds(...history: readonly ChaosOperation[]): string[] {
  return judge(history).map(({ kind }) => kind);
}

describe("the verdict on the responses to clients", () => {
  test("is nothing for appends that are seen in one order", () => {
    expect(kinds(append(0, 5, "a"), append(1, 6, "b"), get(7, 8, "b;a;"), get(9, 10, "b;a;"))).toEqual([]);
  });

  test("calls an acknowledged append that no later get shows lost", () => {
    expect(kinds(append(0, 1, "a"), append(2, 3, "b"), get(4, 5, "b;"))).toEqual(["lost"]);
  });

  test("calls a get stale that misses an acknowledged append which others show", () => {
    expect(kinds(append(0, 1, "a"), get(2, 3, ""), get(4, 5, "a;"))).toEqual(["stale"]);
  });

  test("calls a get stale that shows less than one before it, though nothing was acknowledged", () => {
    const unknown = append(0, 1, "a", { outcome: "unknown", end: "503" });
    expect(kinds(put(0, 1, "p"), unknown, get(2, 3, "p;a;"), get(4, 5, "p;"))).toEqual(["stale"]);
  });

  test("reports a write that shows twice, in one value or after two puts", () => {
    expect(kinds(append(0, 1, "a"), get(2, 3, "a;a;"))).toContain("double");
    const history = [append(0, 9, "a"), put(0, 1, "p"), put(2, 3, "q"), get(2, 9, "p;a;"), get(2, 9, "q;a;")];
    expect(kinds(...history)).toEqual(["double"]);
  });

  test("calls a write a ghost if it is visible despite outcome none", () => {
    const none = append(0, 1, "a", { outcome: "none", end: "503" });
    expect(kinds(none, get(2, 3, "a;"))).toEqual(["ghost"]);
    expect(kinds(none, get(2, 3, ""))).toEqual([]);
  });

  test("allows a write of unknown outcome to take effect late or never", () => {
    const unknown = append(0, 1, "a", { outcome: "unknown", end: "503" });
    expect(kinds(unknown, get(2, 3, ""), get(4, 5, "a;"))).toEqual([]);
    expect(kinds(unknown, get(2, 3, ""), get(4, 5, ""))).toEqual([]);
  });

  test("calls values illegal if they were never written, were visible before their write, or have two orders", () => {
    expect(kinds(get(0, 1, "x;"))).toEqual(["illegal"]);
    expect(kinds(get(0, 1, "<html>"))).toEqual(["illegal"]);
    expect(kinds(get(0, 1, "a;"), append(2, 3, "a"))).toEqual(["illegal"]);
    const appends = [append(0, 9, "a"), append(0, 9, "b")];
    expect(kinds(...appends, get(0, 9, "a;b;"), get(0, 9, "b;a;"))).toContain("illegal");
  });

  test("calls a put illegal that restores a value that another put had overwritten", () => {
    const history = [put(0, 1, "p"), get(2, 3, "p;"), put(4, 5, "q"), get(6, 7, "q;"), get(8, 9, "p;")];
    expect(kinds(...history)).toEqual(["illegal"]);
  });

  test("ignores the padding of values", () => {
    expect(kinds(put(0, 1, "p"), get(2, 3, "p;~~~~~~"))).toEqual([]);
  });

  test("decides two hundred appends that are all concurrent", () => {
    const tags = Array.from({ length: 200 }, (_, at) => `t${at}`);
    const text = (count: number) =>
      tags
        .slice(0, count)
        .map((tag) => `${tag};`)
        .join("");
    const gets = tags.map((_, at) => get(at, 1000 + at, text(at)));
    expect(kinds(...tags.map((tag) => append(0, 2000, tag)), ...gets, get(3000, 3001, text(200)))).toEqual(
      [],
    );
  });

  test("agrees with the checker and the plain model on small random histories", () => {
    for (let seed = 0; seed < 1500; seed++) {
      const history = randomHistory(new Random(seed));
      const expected = checkLinearizability(history.map(plain), keyValueModel).verdict;
      expect(judge(history).length === 0 ? "linearizable" : "illegal", `seed ${seed}`).toBe(expected);
    }
  });
});

/** A history of a correct key, with two answers exchanged in some. */
function randomHistory(random: Random): ChaosOperation[] {
  let value = "";
  const withPuts = random.chance(0.6);
  const times = Array.from({ length: random.whole(2, 9) }, () => {
    const callAt = random.whole(0, 30);
    const returnAt = callAt + random.whole(0, 12) + 0.5;
    return { callAt, returnAt, at: callAt + random.fraction() * (returnAt - callAt) };
  }).sort((a, b) => a.at - b.at);
  const history = times.map(({ callAt, returnAt }, at): ChaosOperation => {
    if (random.chance(0.4)) return get(callAt, returnAt, value, { client: `c${at}` });
    const isPut = withPuts && random.chance(0.4);
    const outcome = random.chance(0.15) ? "unknown" : "ok";
    if (outcome === "ok" || random.chance(0.5)) value = isPut ? `t${at};` : `${value}t${at};`;
    return (isPut ? put : append)(callAt, returnAt, `t${at}`, { client: `c${at}`, outcome });
  });
  const gets = history.flatMap((operation, at) => (operation.value === undefined ? [] : [at]));
  if (gets.length < 2 || random.chance(0.4)) return history;
  const [one, other] = [random.pick(gets), random.pick(gets)];
  return history.map((operation, at) => {
    const from = at === one ? other : at === other ? one : at;
    const shown = history[from]?.value;
    return shown === undefined || from === at ? operation : { ...operation, value: shown };
  });
}

function plain({
  client,
  key,
  action,
  callAt,
  returnAt,
  outcome,
  value = "",
}: ChaosOperation): Operation<KeyValueInput, KeyValueOutput> {
  const input: KeyValueInput =
    action.type === "get" ? { type: "get", key } : { type: action.type, key, value: `${action.tag};` };
  if (outcome !== "ok")
    return { client, input, output: undefined, callAt, returnAt: Number.POSITIVE_INFINITY };
  const output: KeyValueOutput = action.type === "get" ? { type: "value", value } : { type: "written" };
  return { client, input, output, callAt, returnAt };
}
