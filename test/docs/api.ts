import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "../tidy/source-files.ts";

/** An exported name, from the output of `deno doc --json`. */
export interface ExportedName {
  readonly name: string;
  readonly declarations: readonly {
    readonly kind: string;
    readonly location: { readonly filename: string };
    readonly jsDoc?: { readonly doc?: string; readonly tags?: readonly { readonly kind: string }[] };
    readonly def?: { readonly extends?: string | null };
  }[];
}

/** One entry point: its comment, and what it exports. */
export interface EntryPoint {
  readonly path: string;
  readonly module_doc?: { readonly doc?: string };
  readonly symbols: readonly ExportedName[];
}

const exported: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(join(root, "deno.json"), "utf8"),
).exports;

/** The entry points' names, as users import them. */
export const names: readonly string[] = Object.keys(exported).map((path) => path.replace(".", "ruaft"));

async function denoDoc(flag: "--json" | "--lint"): Promise<{ stdout: string; stderr: string }> {
  const deno = join(root, "node_modules/.bin/deno");
  const options = { cwd: root, maxBuffer: 1 << 28, env: { ...process.env, NO_COLOR: "1" } };
  const done = promisify(execFile)(deno, ["doc", flag, ...Object.values(exported)], options);
  // A finding of the linter is an exit code of 1.
  return done.catch((error: { stdout: string; stderr: string }) => error);
}

/** Returns the public API of each entry point. */
export async function entryPoints(): Promise<EntryPoint[]> {
  const { stdout } = await denoDoc("--json");
  const nodes: Record<string, Omit<EntryPoint, "path">> = JSON.parse(stdout).nodes;
  return Object.entries(nodes).map(([url, module]) => ({
    ...module,
    path: url.replace(`file://${root}`, ""),
  }));
}

/** Returns what `deno doc --lint` finds, one line each, without members that have no comment. */
export async function lint(): Promise<string[]> {
  const { stderr } = await denoDoc("--lint");
  const findings = stderr.matchAll(/^error\[(?!missing-jsdoc)[a-z-]+\]: (.*)\n *--> (.*)$/gm);
  return [...findings].map(([, what, place = ""]) => `${place.replace(root, "")}: ${what}`);
}
