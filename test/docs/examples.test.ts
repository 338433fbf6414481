import { execFile } from "node:child_process";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root } from "../tidy/source-files.ts";
import { blocksInComments, programsInPages, promisedOutput } from "./code-blocks.ts";

const examples = [...blocksInComments(), ...programsInPages()].map((block, at) => ({
  ...block,
  name: `${String(at).padStart(3, "0")}.ts`,
}));

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "ruaft-examples-"));
  const options = { declaration: false, isolatedDeclarations: false, noUnusedLocals: false };
  const config = {
    extends: join(root, "tsconfig.json"),
    compilerOptions: options,
    include: ["*.ts"],
    exclude: [],
  };
  await writeFile(join(directory, "tsconfig.json"), JSON.stringify(config));
  await writeFile(join(directory, "package.json"), JSON.stringify({ type: "module" }));
  await symlink(join(root, "node_modules"), join(directory, "node_modules"));
  await Promise.all(examples.map(({ name, code }) => writeFile(join(directory, name), code)));
});
afterAll(() => rm(directory, { recursive: true }));

/** Names the places in the sources instead of the files that the blocks were copied to. */
function withPlaces(text: string): string {
  return examples.reduce((all, { name, place }) => all.replaceAll(name, `${name} (${place})`), text);
}

async function run(program: string, ...args: string[]): Promise<string> {
  const path = join(root, "node_modules/.bin", program);
  const done = promisify(execFile)(path, args, { cwd: directory, maxBuffer: 1 << 26 });
  const { stdout } = await done.catch((error: { stdout: string; stderr: string }) => error);
  return stdout;
}

describe("the examples in doc comments and pages", () => {
  test("are complete programs with their imports", () => {
    const without = examples.filter(({ code }) => !/from "ruaft/m.test(code));
    expect(without.map(({ place }) => place)).toEqual([]);
  });

  test("type-check against the package, imported by its name", async () => {
    expect(withPlaces(await run("tsc", "-p", "."))).toBe("");
  });

  test("run, and print the text in the comments after console.log", async () => {
    const files = examples.map(({ name }) => join(directory, name));
    const output = await run("bun", join(root, "test/docs/run-programs.ts"), ...files);
    const outcomes: { lines: string[]; error?: string }[] = JSON.parse(output);
    const judged = examples.map(({ place }, at) => ({ place, ...outcomes[at] }));
    const expected = examples.map(({ place, code }) => ({ place, lines: promisedOutput(code) }));
    expect(judged.map(({ place, lines, error }) => ({ place, lines, ...(error && { error }) }))).toEqual(
      expected,
    );
  });
});
