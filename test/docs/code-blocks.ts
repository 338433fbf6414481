import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root, sourceFiles } from "../tidy/source-files.ts";

/** A block of code in a doc comment or a page, as it is written there. */
export interface CodeBlock {
  /** `path:line` of its first line. */
  readonly place: string;
  readonly code: string;
}

/** Returns the blocks of TypeScript in all doc comments of the package. */
export function blocksInComments(): CodeBlock[] {
  return ["src", "transports", "adapters"].flatMap(sourceFiles).flatMap(({ path, text }) =>
    blocksIn(path, text, /^ *\* ```ts\n(.*?)^ *\* ```$/gms).map((block) => ({
      ...block,
      code: block.code.replace(/^ *\* ?/gm, ""),
    })),
  );
}

/** Returns the blocks of TypeScript and JavaScript in the pages that are whole programs: they import the package. */
export function programsInPages(): CodeBlock[] {
  const pages = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));
  return ["README.md", ...pages.map((name) => `docs/${name}`)]
    .flatMap((path) => blocksIn(path, readFileSync(join(root, path), "utf8"), /^```[jt]s\n(.*?)^```$/gms))
    .filter(({ code }) => /from "ruaft/m.test(code));
}

function blocksIn(path: string, text: string, pattern: RegExp): CodeBlock[] {
  return [...text.matchAll(pattern)].map(({ index, 1: code = "" }) => ({
    place: `${path}:${text.slice(0, index).split("\n").length + 1}`,
    code,
  }));
}

/** Returns the output that a program promises: the comments after its calls of `console.log`. */
export function promisedOutput(code: string): string[] {
  return [...code.matchAll(/\bconsole\.log\(.*\); \/\/ (.*)$/gm)].map(([, printed = ""]) => printed);
}
