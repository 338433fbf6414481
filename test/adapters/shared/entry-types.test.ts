import { expect, test } from "vitest";
import { codeOfType, typeOfCode } from "../../../adapters/shared/index.ts";

test("each type of entry has a different number, which is stored", () => {
  expect((["noop", "command", "configuration"] as const).map(codeOfType)).toEqual([0, 1, 2]);
  for (const type of ["noop", "command", "configuration"] as const) {
    expect(typeOfCode(codeOfType(type), 1)).toBe(type);
  }
});

test.each([3, 255, -1, "1", undefined])("the number %s is refused with the entry's index", (code) => {
  expect(() => typeOfCode(code, 9)).toThrow(`entry 9 has type ${code}, which this version does not know`);
});
