import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

export interface SourceFile {
  /** Relative to the root. */
  readonly path: string;
  readonly text: string;
  readonly lines: number;
  /** Files of ours by their path from the root, everything else as written. */
  readonly imports: readonly string[];
}

export const root: string = fileURLToPath(new URL("../..", import.meta.url));

/** All files of TypeScript in a folder, and in the folders below it. */
export function sourceFiles(folder: string): SourceFile[] {
  const names = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" });
  return names.filter((name) => name.endsWith(".ts")).map((name) => parse(join(folder, name)));
}

/** The code without its comments. Only for files whose strings with `//` or `/*` do not matter. */
export function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/\/\/.*/g, "");
}

export function isOurs(specifier: string): boolean {
  return specifier.endsWith(".ts");
}

function parse(path: string): SourceFile {
  const text = readFileSync(join(root, path), "utf8");
  // Examples in doc comments import the package by its name.
  const code = text.replace(/^ *\*.*$/gm, "");
  const specifiers = code.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*"([\w@./:-]+)"/g);
  const imports = [...specifiers].map(([, specifier = ""]) =>
    specifier.startsWith(".") ? normalize(join(dirname(path), specifier)) : specifier,
  );
  return { path, text, lines: text.split("\n").length - 1, imports };
}
