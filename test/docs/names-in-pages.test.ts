import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { root } from "../tidy/source-files.ts";

function pagesIn(folder: string): { readonly path: string; readonly text: string }[] {
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(folder, name))
    .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}

const pages = [...pagesIn("."), ...pagesIn("docs")].filter(({ path }) => path !== "CHANGELOG.md");
/** They describe the code as it was. */
const history = [...pagesIn("docs/decisions"), ...pagesIn(".").filter(({ path }) => path === "CHANGELOG.md")];

/** Whether a file defines a function, a type, a constant, or a member of a class or an interface of this name. */
function defines(file: string, name: string): boolean {
  const text = readFileSync(join(root, file), "utf8");
  const declared = new RegExp(
    `^(export )?(async )?(function\\*?|class|interface|type|const) ${name}\\b`,
    "m",
  );
  // A line that ends with `);` is a call.
  const member = new RegExp(`^ {2}(async |static |get |readonly )*[*#]*${name}\\??[(<:](?!.*\\);$)`, "m");
  return declared.test(text) || member.test(text);
}

describe("the pages", () => {
  test("name paths that exist", () => {
    const missing = pages.flatMap(({ path, text }) =>
      [...text.matchAll(/`((?:src|transports|adapters|test|scripts|bench|examples|docs)\/[\w./-]*)/g)]
        .map(([, named = ""]) => named)
        .filter((named) => !named.startsWith("docs/api") && !existsSync(join(root, named)))
        .map((named) => `${path}: ${named}`),
    );
    expect(missing).toEqual([]);
  });

  test("link to pages that exist", () => {
    const broken = [...pages, ...history].flatMap(({ path, text }) =>
      [...text.matchAll(/\]\((?!https?:)([^)#\s]+)/g)]
        .filter(([, target = ""]) => !existsSync(join(root, dirname(path), target)))
        .map(([, target]) => `${path}: ${target}`),
    );
    expect(broken).toEqual([]);
  });

  test("name functions that exist: path#name", () => {
    const wrong = pages.flatMap(({ path, text }) =>
      [...text.matchAll(/`([\w./-]+\.ts)#(\w+)`/g)]
        .filter(([, file = "", name = ""]) => !existsSync(join(root, file)) || !defines(file, name))
        .map(([named]) => `${path}: ${named}`),
    );
    expect(wrong).toEqual([]);
  });
});
