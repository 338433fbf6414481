import { expect, test } from "vitest";
import { isOurs, sourceFiles } from "./source-files.ts";

const house = ["src", "transports", "adapters"];
const tools = ["scripts", "bench"];

/** The top folders that a folder's files import from. */
function importsOf(folder: string): Set<string> {
  return new Set(
    sourceFiles(folder).flatMap(({ imports }) => imports.map((path) => path.split("/")[0] ?? "")),
  );
}

test("no tool imports a test: code for both belongs to the tools", () => {
  for (const folder of tools) expect(importsOf(folder), folder).not.toContain("test");
});

test("nothing of the house imports a tool, a test or an example", () => {
  for (const folder of house) {
    for (const outside of [...tools, "test", "examples"])
      expect(importsOf(folder), folder).not.toContain(outside);
  }
});

test("an example imports the house alone, by the name of the package", () => {
  expect([...importsOf("examples")].filter((name) => [...house, ...tools, "test"].includes(name))).toEqual(
    [],
  );
});

test("no tool reaches past the index.ts of a folder of the house", () => {
  const violations = tools.flatMap(sourceFiles).flatMap(({ path, imports }) =>
    imports
      .filter((specifier) => isOurs(specifier) && house.includes(specifier.split("/")[0] ?? ""))
      .filter((specifier) => !/\/(index|main)\.ts$/.test(specifier))
      .map((specifier) => `${path} reaches into ${specifier}`),
  );
  expect(violations).toEqual([]);
});
