import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createContext, runInContext } from "node:vm";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "ruaft-package-"));
});
afterEach(() => rm(directory, { recursive: true }));

async function run(program: string, ...args: string[]): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(`node_modules/.bin/${program}`, args, { cwd: root });
  return stdout + stderr;
}

async function json(name: string): Promise<Record<string, Record<string, unknown>>> {
  return JSON.parse(await readFile(join(root, name), "utf8"));
}

describe("the package", () => {
  test("is accepted by publint", async () => {
    expect(await run("publint", "--strict")).toContain("All good!");
  });

  test("has types that resolve from every module that is one, so are-the-types-wrong", async () => {
    const packed = ["pack", "--ignore-scripts", "--pack-destination", directory];
    await promisify(execFile)("npm", packed, { cwd: root });
    // CommonJS gets at it by `import()`.
    const report = await run("attw", join(directory, "ruaft-0.1.0.tgz"), "--profile", "esm-only");
    expect(report).toContain("ruaft v0.1.0");
  });

  test("is one for JSR too, with the same exports and the same dependencies", async () => {
    const [npm, jsr] = [await json("package.json"), await json("deno.json")];
    const sources = Object.entries(npm.exports ?? {}).flatMap(([path, target]) => {
      const built =
        typeof target === "object" && target !== null && "default" in target ? target.default : "";
      return typeof built === "string" && built !== ""
        ? [[path, built.replace("/dist", "").replace(/\.js$/, ".ts")] as const]
        : [];
    });
    expect(jsr.exports).toEqual(Object.fromEntries(sources));
    const needed = Object.entries({ ...npm.dependencies, ...npm.peerDependencies });
    expect(jsr.imports).toEqual(
      Object.fromEntries(needed.map(([name, version]) => [name, `npm:${name}@${version}`])),
    );
    expect(jsr.version).toBe(npm.version);
    expect(await run("deno", "publish", "--dry-run", "--allow-dirty")).toContain("Dry run complete");
  });
});

test("the core, the store, loopback and memory run in a browser: without anything of any runtime", async () => {
  const bundle = join(directory, "bundle.js");
  const flags = ["--target=browser", "--minify", "--external=node:*", "--external=bun:*"];
  await run("bun", "build", "examples/in-process/index.mjs", ...flags, `--outfile=${bundle}`);
  const text = await readFile(bundle, "utf8");
  expect(text.match(/\b(?:from|import|require)\s*\(?\s*"[^"]*"/g)).toBeNull();

  const said: unknown[] = [];
  // Only the globals of browsers. The language's own objects are this realm's, because it has Symbol.dispose.
  const page = {
    ...{ setTimeout, clearTimeout, performance, AbortController, TextEncoder, TextDecoder },
    ...{ Symbol, Uint8Array, crypto },
    console: { log: (line: unknown) => said.push(line) },
  };
  await runInContext(`(async () => {${text}})()`, createContext(page));
  expect(said).toEqual(["Hello World!"]);
});
