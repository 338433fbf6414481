import { describe, expect, test } from "vitest";
import {
  checkLinearizability,
  type KeyValueInput,
  type KeyValueOutput,
  keyValueModel,
  type Operation,
  renderTimeline,
} from "../../../src/testing/linearizability/index.ts";
import { op, unknown } from "./recording.ts";

const key = "x";
const write = (client: number, at: number, value: string): Operation<KeyValueInput, KeyValueOutput> =>
  op(client, [at, at + 1], { type: "put", key, value }, { type: "written" });
const read = (
  client: number,
  at: number,
  value: string,
  of = key,
): Operation<KeyValueInput, KeyValueOutput> =>
  op(client, [at, at + 1], { type: "get", key: of }, { type: "value", value });

function render(history: readonly Operation<KeyValueInput, KeyValueOutput>[], title = "run"): string {
  return renderTimeline(checkLinearizability(history, keyValueModel), keyValueModel, { title });
}

describe("the timeline of an illegal history", () => {
  const page = render([
    read(5, 0, "", "fine"),
    write(1, 0, "a"),
    unknown(2, 1.5, { type: "append", key, value: "b" }),
    read(3, 2, "ab"),
    read(3, 4, "a"),
  ]);

  test("shows the illegal partition first and the others folded up", () => {
    expect(page.indexOf("Partition “x”: illegal")).toBeGreaterThan(0);
    expect(page.indexOf("<details><summary>Partition “fine”")).toBeGreaterThan(page.indexOf("Partition “x”"));
  });

  test("marks the operation that can't be placed, and leads to it", () => {
    expect(page).toMatch(
      /<div id="stuck" class="bar stuck"[^>]*><\/div><span class="label"[^>]*>get → &quot;a&quot;</,
    );
    expect(page).toContain('<a href="#stuck">');
    expect(page.match(/id="stuck"/g)).toHaveLength(1);
  });

  test("numbers the best order, unknown outcomes in it too", () => {
    expect(
      [...page.matchAll(/<b class="point[^>]*px">(\d+)</g)].map(([, number]) => number).slice(0, 3),
    ).toEqual(["1", "2", "3"]);
    expect(page).toMatch(/class="bar placed open"/);
  });

  test("shows the state that the best order leads to", () => {
    expect(page).toContain("a place to 2 of the 3 operations whose outcome is known");
    expect(page).toContain("<code>&quot;ab&quot;</code>");
  });

  test("loads nothing and runs nothing", () => {
    expect(page).not.toMatch(/<script|<link|<img|<iframe|https?:|url\(|@import|\son\w+=/i);
  });
});

test("values of clients are shown as text", () => {
  const evil = `<script>alert("1")</script>' onload='x\u202e\u0000`;
  const page = render([write(1, 0, evil), read(2, 2, "")], evil);
  expect(page).not.toContain("<script");
  expect(page).not.toContain("onload='");
  expect(page).not.toMatch(/[\u202e\0]/);
  expect(page).toContain("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;");
});

test("long values are shortened in the middle", () => {
  const long = `start${"-".repeat(50_000)}end`;
  const page = render([write(1, 0, long), read(2, 2, long), read(2, 4, "")]);
  expect(page.length).toBeLessThan(40_000);
  expect(page).toMatch(/put &quot;start-+…-+end&quot;/);
});

test("thousands of operations are drawn, the first figure only around the relevant ones", () => {
  const history = Array.from({ length: 3_000 }, (_, at) => write(at % 50, 2 * at, String(at)));
  const page = render([...history, read(1, 7_000, "0")]);
  expect(
    page
      .split('class="figure"')[1]
      ?.split('class="figure"')[0]
      ?.match(/class="bar/g)?.length,
  ).toBeLessThan(60);
});

test("a linearizable history can be drawn as well", () => {
  expect(render([write(1, 0, "a"), read(2, 2, "a")])).toContain('run: <span class="linearizable">');
});
