import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";
import { root } from "./source-files.ts";

/** The file that declares a name, found through any number of index.ts. */
interface Declared {
  readonly name: string;
  readonly path: string;
}

const texts = new Map<string, string>();

function textOf(path: string): string {
  const text = texts.get(path) ?? readFileSync(join(root, path), "utf8");
  texts.set(path, text);
  return text;
}

/** Follows `export { … } from` to the files that declare what a file exports. */
function exportsOf(path: string): Declared[] {
  const text = textOf(path);
  const lists = text.matchAll(/^export (?:type )?\{([^}]*)\} from "([^"]+)"/gm);
  const passedOn = [...lists].flatMap(([, list = "", from = ""]) => {
    const names = list.split(",").map((name) => name.replace(/^\s*(type )?/, "").trim());
    return names
      .filter((name) => name !== "")
      .map((name) => declarationOf(normalize(join(dirname(path), from)), name));
  });
  const own = [...text.matchAll(declaration)].map(([, name = ""]) => ({ name, path }));
  return [...passedOn, ...own];
}

const declaration =
  /^export (?:declare )?(?:abstract )?(?:async )?(?:class|const|function\*?|interface|type|let) (\w+)/gm;

function declarationOf(path: string, name: string): Declared {
  return exportsOf(path).find((declared) => declared.name === name) ?? { name, path };
}

function hasDocComment({ name, path }: Declared): boolean {
  const lines = textOf(path).split("\n");
  const at = lines.findIndex((line) =>
    new RegExp(`^export .*\\b(class|const|function\\*?|interface|type|let) ${name}\\b`).test(line),
  );
  return at > 0 && lines[at - 1]?.trimEnd().endsWith("*/") === true;
}

test("every exported name has a doc comment", () => {
  const { exports } = JSON.parse(textOf("deno.json")) as { exports: Record<string, string> };
  const bare = Object.values(exports).flatMap((path) =>
    exportsOf(normalize(path)).filter((each) => !hasDocComment(each)),
  );
  const names = new Set(bare.map(({ name, path }) => `${path}: ${name}`));
  expect([...names].sort()).toEqual([]);
});
