import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const bun = fileURLToPath(new URL("../../../node_modules/.bin/bun", import.meta.url));
const script = fileURLToPath(new URL("../../../scripts/check-history.ts", import.meta.url));

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "check-history-"));
});
afterAll(() => rm(directory, { recursive: true }));

async function run(...args: string[]) {
  const child = spawn(bun, [script, ...args], { cwd: directory, stdio: ["ignore", "pipe", "pipe"] });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  return { code, lastLine: stdout.trimEnd().split("\n").at(-1), stdout, stderr };
}

async function file(name: string, ...lines: string[]): Promise<string> {
  await writeFile(join(directory, name), lines.map((line) => `INFO  jepsen.util - ${line}\n`).join(""));
  return name;
}

const write = ["0 :invoke :write 1", "0 :ok :write 1"];
const stale = [...write, "0 :invoke :read nil", "0 :ok :read 2"];

describe("scripts/check-history.ts", () => {
  test("prints linearizable and exits 0", async () => {
    const result = await run(await file("fine.log", ...write, "0 :invoke :read nil", "0 :ok :read 1"));
    expect(result).toMatchObject({ code: 0, lastLine: "linearizable", stderr: "" });
    expect(result.stdout).toContain("2 operations by 1 clients, 0 of unknown outcome");
  });

  test("prints illegal, exits 1 and draws a timeline beside the file", async () => {
    const result = await run(await file("stale.log", ...stale));
    expect(result).toMatchObject({ code: 1, lastLine: "illegal", stderr: "" });
    expect(result.stdout).toContain("no place for: read → 2 (client 0, lines 3 to 4)");
    expect(result.stdout).toMatch(/^timeline: .*stale\.log\.html$/m);
    expect(await readFile(join(directory, "stale.log.html"), "utf8")).toContain("read → 2");
  });

  test("draws the timeline into the given file", async () => {
    const result = await run("--html", "there.html", await file("elsewhere.log", ...stale));
    expect(result.code).toBe(1);
    expect(await readFile(join(directory, "there.html"), "utf8")).toContain("<!doctype html>");
  });

  test("keeps its verdict if the timeline can't be written", async () => {
    const result = await run(await file("unwritable.log", ...stale), "--html", "missing/there.html");
    expect(result).toMatchObject({ code: 1, lastLine: "illegal" });
    expect(result.stderr).toContain("choose another place with --html");
  });

  test("prints undecided and exits 2 if the budget runs out", async () => {
    const result = await run(
      await file("undecided.log", ...write, "0 :invoke :write 2", "0 :ok :write 2"),
      "--budget",
      "1",
    );
    expect(result).toMatchObject({ code: 2, lastLine: "undecided" });
  });

  test("exits 3 if the file is missing, and prints that", async () => {
    const result = await run("missing.log");
    expect(result).toMatchObject({ code: 3, stdout: "" });
    expect(result.stderr).toMatch(/^missing\.log: can't be read: .*no such file/);
  });

  test("exits 3 for a line that it can't read, and names it", async () => {
    const result = await run(await file("broken.log", ...write, "what?"));
    expect(result).toMatchObject({ code: 3, stdout: "" });
    expect(result.stderr).toMatch(/^broken\.log:3: expected a line like /);
  });

  test.each([
    ["without a file", [], "FILE: one is needed, not 0"],
    ["with two files", ["a", "b"], "FILE: one is needed, not 2"],
    ["with an option that it doesn't know", ["a", "--draw"], "--draw"],
    ["with a budget that isn't one", ["a", "--budget", "much"], '--budget: an integer from 1, not "much"'],
  ])("exits 3 %s", async (_, args, message) => {
    const result = await run(...args);
    expect(result).toMatchObject({ code: 3, stdout: "" });
    expect(result.stderr).toContain(message);
  });

  test("exits 0 for --help", async () => {
    const result = await run("--help");
    expect(result).toMatchObject({ code: 0, stderr: "" });
    expect(result.stdout).toContain("usage: bun scripts/check-history.ts FILE");
  });
});
