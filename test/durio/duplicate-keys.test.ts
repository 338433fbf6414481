import { expect, test } from "vitest";
import { duplicateKeys } from "../../src/durio/config/duplicate-keys.ts";

test.each([
  ['{"n1": 1, "n2": {"n1": 2}, "n1": 3}', ["n1"]],
  ['[{"a": 1}, {"a": 1}]', []],
  ['{"a": "b:{\\"a\\": 1}", "b": ["a", "a"]}', []],
  ['{"a": 1, "\\u0061": 2}', ["a"]],
  ["{}", []],
  ["1", []],
])("the keys that %s has twice", (text, keys) => {
  expect(duplicateKeys(text)).toEqual(keys);
});
