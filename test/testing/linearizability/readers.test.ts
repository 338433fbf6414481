import { describe, expect, test } from "vitest";
import {
  HistoryFormatError,
  readJepsenLog,
  readKeyValueLog,
  readRecordedHistory,
} from "../../../src/testing/linearizability/index.ts";

const jepsen = (...lines: string[]) => lines.map((line) => `INFO  jepsen.util - ${line}`).join("\n");
const keyValue = (...lines: string[]) => lines.map((line) => `{:process ${line}}`).join("\n");
const open = { output: undefined, returnAt: Number.POSITIVE_INFINITY };

describe("a log of Jepsen", () => {
  test("reads calls and outcomes; a line's number is its time", () => {
    const text = jepsen(
      "0\t:invoke\t:read\tnil",
      "1\t:invoke\t:write\t4",
      "0\t:ok\t:read\tnil",
      "1\t:ok\t:write\t4",
    );
    expect(readJepsenLog(`${text}\n`, "log")).toEqual([
      {
        client: 0,
        input: { type: "read" },
        output: { type: "value", value: undefined },
        callAt: 1,
        returnAt: 3,
      },
      {
        client: 1,
        input: { type: "write", value: "4" },
        output: { type: "written" },
        callAt: 2,
        returnAt: 4,
      },
    ]);
  });

  test("distinguishes a compare-and-set that failed from one that timed out", () => {
    const text = jepsen(
      "0 :invoke :cas [1 2]",
      "0 :fail :cas [1 2]",
      "0 :invoke :cas [3 4]",
      "0 :info :cas :timed-out",
    );
    expect(readJepsenLog(text, "log")).toEqual([
      {
        client: 0,
        input: { type: "cas", from: "1", to: "2" },
        output: { type: "mismatch" },
        callAt: 1,
        returnAt: 2,
      },
      { client: 0, input: { type: "cas", from: "3", to: "4" }, callAt: 3, ...open },
    ]);
  });

  test("leaves out a read that failed, and keeps a call without an outcome open", () => {
    const text = jepsen("0 :invoke :read nil", "0 :fail :read :timed-out", "0 :invoke :write 1");
    expect(readJepsenLog(text, "log")).toEqual([
      { client: 0, input: { type: "write", value: "1" }, callAt: 3, ...open },
    ]);
  });

  test.each([
    ["another line", "0 :invoke :delete 4", /^log:2: expected a line like .*, found "INFO/],
    ["a value that isn't one", "0 :invoke :write four", /^log:2: expected a line like/],
    ["an outcome without a call", "0 :ok :read 4", /^log:2: expected a call of process 0 before its outcome/],
    [
      "a second call of a process",
      "1 :invoke :write 4",
      /^log:2: expected the outcome of .* process 1 .* line 1/,
    ],
    ["the outcome of something else", "1 :ok :write 4", /^log:2: expected the outcome of "read"/],
  ])("with %s is refused", (_, line, message) => {
    const read = () => readJepsenLog(jepsen("1 :invoke :read nil", line), "log");
    expect(read).toThrow(HistoryFormatError);
    expect(read).toThrow(message);
  });

  test("whose outcome has another value than its call is refused", () => {
    const read = () => readJepsenLog(jepsen("1 :invoke :write 1", "1 :ok :write 11"), "log");
    expect(read).toThrow(/^log:2: expected the outcome of "write 1"/);
  });
});

describe("a key-value history", () => {
  test("reads calls and outcomes, with quotes in values", () => {
    const text = keyValue(
      '3, :type :invoke, :f :append, :key "k\\"", :value "a, b}"',
      '4, :type :invoke, :f :get, :key "k\\"", :value nil',
      '4, :type :ok, :f :get, :key "k\\"", :value ""',
      '3, :type :ok, :f :append, :key "k\\"", :value "a, b}"',
    );
    const key = 'k"';
    expect(readKeyValueLog(text, "log")).toEqual([
      {
        client: 3,
        input: { type: "append", key, value: "a, b}" },
        output: { type: "written" },
        callAt: 1,
        returnAt: 4,
      },
      {
        client: 4,
        input: { type: "get", key },
        output: { type: "value", value: "" },
        callAt: 2,
        returnAt: 3,
      },
    ]);
  });

  test("leaves out failed operations, and keeps those of unknown outcome", () => {
    const text = keyValue(
      '3, :type :invoke, :f :put, :key "x", :value "a"',
      '3, :type :fail, :f :put, :key "x", :value "a"',
      '3, :type :invoke, :f :put, :key "x", :value "b"',
      '3, :type :info, :f :put, :key "x", :value nil',
    );
    expect(readKeyValueLog(text, "log")).toEqual([
      { client: 3, input: { type: "put", key: "x", value: "b" }, callAt: 3, ...open },
    ]);
  });

  test.each([
    ["another line", '3, :type :invoke, :f :drop, :key "x", :value nil', /^log:2: expected a line like/],
    ["a put of nothing", '3, :type :invoke, :f :put, :key "x", :value nil', /^log:2: expected a line like/],
    ["a get of something", '3, :type :invoke, :f :get, :key "x", :value "a"', /^log:2: expected a line like/],
    [
      "an escape that JSON doesn't know",
      '3, :type :invoke, :f :get, :key "\\q", :value nil',
      /^log:2: expected a line/,
    ],
    [
      "the outcome of another key",
      '1, :type :ok, :f :get, :key "y", :value ""',
      /^log:2: expected the outcome of/,
    ],
  ])("with %s is refused", (_, line, message) => {
    const first = '1, :type :invoke, :f :get, :key "x", :value nil';
    const read = () => readKeyValueLog(keyValue(first, line), "log");
    expect(read).toThrow(HistoryFormatError);
    expect(read).toThrow(message);
  });
});

test("the format is recognized by the first line", () => {
  expect(readRecordedHistory(`\n${jepsen("0 :invoke :read nil")}`, "log").type).toBe("register");
  const get = keyValue('1, :type :invoke, :f :get, :key "x", :value nil');
  expect(readRecordedHistory(get, "log").type).toBe("keyValue");
});

test("a file that is neither is refused, and so is an empty one", () => {
  expect(() => readRecordedHistory("\nhello", "log")).toThrow(
    /^log:2: expected a history: .*, found "hello"/,
  );
  expect(() => readRecordedHistory("", "log")).toThrow(/^log:1: expected a history/);
  const found = `x${"y".repeat(500)}`;
  expect(() => readRecordedHistory(found, "log")).toThrow(/found "xy{99}…"$/);
});
