import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { root, sourceFiles } from "./source-files.ts";

const files = ["src", "transports", "adapters", "test", "bench", "scripts"].flatMap(sourceFiles);

function json(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(root, name), "utf8"));
}

describe("exports", () => {
  test("are named one by one: a name that users see is a promise", () => {
    const open = files.filter(({ text }) => /^export (type )?\*/m.test(text));
    expect(open.map(({ path }) => path)).toEqual([]);
  });

  test("have the same names in every index.ts, since `as` makes a second word for one thing", () => {
    const renamed = files
      .filter(({ path }) => path.endsWith("/index.ts"))
      .filter(({ text }) =>
        [...text.matchAll(/^export (?:type )?\{[^}]*\}/gm)].some(([list]) => / as /.test(list)),
      );
    expect(renamed.map(({ path }) => path)).toEqual([]);
  });

  test("of the package are the same for npm, for JSR and in tsconfig.json", () => {
    const jsr = json("deno.json").exports as Record<string, string>;
    const npm = Object.keys(json("package.json").exports as object).filter(
      (path) => path !== "./package.json",
    );
    const { paths } = json("tsconfig.json").compilerOptions as { paths: Record<string, readonly string[]> };
    expect(npm).toEqual(Object.keys(jsr));
    const expected = Object.entries(jsr).map(([path, file]) => [path.replace(".", "ruaft"), [file]]);
    expect(paths).toEqual(Object.fromEntries(expected));
  });
});
