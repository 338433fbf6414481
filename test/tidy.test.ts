import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { folderOf, house } from "./tidy/house.ts";
import { isOurs, root, sourceFiles } from "./tidy/source-files.ts";

const files = ["src", "transports", "adapters"].flatMap(sourceFiles);

describe("the house", () => {
  test("every folder imports only what its row allows", () => {
    const violations = files.flatMap(({ path, imports }) => {
      const folder = folderOf(path);
      const allowed = house[folder] ?? [];
      return imports
        .filter((specifier) =>
          isOurs(specifier)
            ? folderOf(specifier) !== folder && !allowed.includes(folderOf(specifier))
            : !allowed.some(
                (name) => specifier === name || specifier.startsWith(name.endsWith(":") ? name : `${name}/`),
              ),
        )
        .map((specifier) => `${path} imports ${specifier}`);
    });
    expect(violations).toEqual([]);
  });

  test("every row allows only what its folder imports", () => {
    const unused = Object.entries(house).flatMap(([folder, allowed]) => {
      const imported = files
        .filter(({ path }) => folderOf(path) === folder)
        .flatMap(({ imports }) => imports.map((name) => (isOurs(name) ? folderOf(name) : name)));
      return allowed
        .filter(
          (name) =>
            !imported.some(
              (found) => found === name || found.startsWith(name.endsWith(":") ? name : `${name}/`),
            ),
        )
        .map((name) => `${folder} may import ${name}, and does not`);
    });
    expect(unused).toEqual([]);
  });

  test("no import goes past a folder's index.ts", () => {
    const violations = files.flatMap(({ path, imports }) =>
      imports
        .filter((specifier) => isOurs(specifier) && folderOf(specifier) !== folderOf(path))
        .filter((specifier) => specifier !== join(folderOf(specifier), "index.ts"))
        .map((specifier) => `${path} reaches into ${specifier}`),
    );
    expect(violations).toEqual([]);
  });

  test("no imports run in a circle", () => {
    const everything = [...files, ...["test", "bench", "scripts", "examples"].flatMap(sourceFiles)];
    const importsOf = new Map(everything.map(({ path, imports }) => [path, imports.filter(isOurs)]));
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (path: string, trail: readonly string[]) => {
      if (trail.includes(path)) circles.push([...trail.slice(trail.indexOf(path)), path].join(" > "));
      else if (!done.has(path)) {
        for (const next of importsOf.get(path) ?? []) visit(next, [...trail, path]);
        done.add(path);
      }
    };
    for (const { path } of everything) visit(path, []);
    expect(circles).toEqual([]);
  });

  test.skipIf(!existsSync(join(root, ".git")))("a file is either ignored or tracked, and never both", () => {
    const both = execFileSync("git", ["ls-files", "--cached", "--ignored", "--exclude-standard"], {
      cwd: root,
    });
    expect(both.toString()).toBe("");
  });
});
