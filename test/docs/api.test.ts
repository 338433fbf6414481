import { describe, expect, test } from "vitest";
import { type ExportedName, entryPoints, lint, names } from "./api.ts";

/** Types that have no public name, because they are another package's or nobody should write them. */
const unnamed = ["replicaIdBrand", "Hono", "ConnectionOptions"];

/** Whether users call its constructor. Users catch errors and do not construct them. */
function isCalled({ declarations }: ExportedName): boolean {
  return declarations.some(
    ({ kind, def }) => kind === "function" || (kind === "class" && def?.extends !== "Error"),
  );
}

function hasExample({ declarations }: ExportedName): boolean {
  return declarations.some(({ jsDoc }) => jsDoc?.tags?.some(({ kind }) => kind === "example") === true);
}

describe("the public API", () => {
  test("has a comment at each entry point and at each exported name", async () => {
    const points = await entryPoints();
    expect(points.filter(({ module_doc }) => !module_doc?.doc).map(({ path }) => path)).toEqual([]);
    const silent = points.flatMap(({ path, symbols }) =>
      symbols
        .filter(({ declarations }) =>
          declarations.every(({ kind, jsDoc }) => kind !== "reference" && !jsDoc?.doc),
        )
        .map(({ name }) => `${path}: ${name}`),
    );
    expect(silent).toEqual([]);
  });

  test("has a list of all entry points at the first", async () => {
    const [first] = await entryPoints();
    expect(names.filter((name) => !first?.module_doc?.doc?.includes(`\`${name}\``))).toEqual([]);
  });

  test("has an example for each function and class", async () => {
    const bare = (await entryPoints()).flatMap(({ path, symbols }) =>
      symbols.filter((name) => isCalled(name) && !hasExample(name)).map(({ name }) => `${path}: ${name}`),
    );
    expect(bare).toEqual([]);
  });

  test("has a public name for each type in a public signature", async () => {
    const findings = await lint();
    expect(findings.filter((finding) => !unnamed.some((name) => finding.endsWith(`'${name}'`)))).toEqual([]);
  });
});
