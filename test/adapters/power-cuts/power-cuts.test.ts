import { execFile, spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { env } from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { memoryDirectory } from "../memory-directory.ts";
import type { Task, Verdict } from "./judge.ts";
import type { PersisterKind } from "./subject.ts";
import { straceOptions } from "./trace.ts";

const repository = fileURLToPath(new URL("../../..", import.meta.url));
const run = promisify(execFile);
const bun = "node_modules/.bin/bun";
const deno = ["node_modules/.bin/deno", "run", "--allow-all"] as const;

/** POWER_CUTS=200 cuts the power at every sync, each time with 200 random parts of the unsynced changes. */
const torn = Number(env.POWER_CUTS ?? 1);
const isThorough = env.POWER_CUTS !== undefined;

const hasStrace = spawnSync("strace", ["--version"]).status === 0;
const why = hasStrace ? "" : ": needs strace";

let root: string;
let place: string;
beforeEach(async () => {
  place = await mkdtemp(join(memoryDirectory, "ruaft-power-"));
  root = join(place, "root");
  await mkdir(root);
});
afterEach(() => rm(place, { recursive: true }));

/** Runs the rest of the scripted run. @returns the file of the trace */
async function live(kind: PersisterKind, runtime: readonly string[] = [bun]): Promise<string> {
  const { trace, end } = begin(kind, runtime, []);
  await end;
  return trace;
}

/** @returns the file of the trace; undefined if the run ended before it had that many syncs */
async function killedAt(sync: number, kind: PersisterKind): Promise<string | undefined> {
  const inject = ["-e", `inject=fsync,fdatasync:signal=SIGKILL:when=${sync}`];
  const { trace, end } = begin(kind, [bun], inject);
  const signal = await end.then(
    () => undefined,
    (error: { signal?: string }) => error.signal,
  );
  return signal === "SIGKILL" ? trace : undefined;
}

let lives = 0;

function begin(kind: PersisterKind, runtime: readonly string[], inject: readonly string[]) {
  const trace = join(place, `trace-${++lives}`);
  const program = [...runtime, "test/adapters/power-cuts/traced-run.ts", kind, join(root, "a/b/data")];
  const end = run("strace", [...straceOptions, ...inject, "-o", trace, ...program], { cwd: repository });
  return { trace, end };
}

async function judge(task: Pick<Task, "kind" | "traces"> & Partial<Task>): Promise<Verdict> {
  const whole: Task = { root, torn, seed: 1, ...task };
  const { stdout } = await run(bun, ["test/adapters/power-cuts/judge.ts", JSON.stringify(whole)], {
    cwd: repository,
  });
  const verdict: Verdict = JSON.parse(stdout);
  if (isThorough) console.log(`${task.kind}: ${stdout.trim()}`);
  return verdict;
}

function expectWhole(verdict: Verdict): void {
  expect(verdict.examples).toEqual([]);
  expect(verdict).toMatchObject({ lost: 0, wrong: 0, refused: 0 });
  expect(verdict.images, "two images a sync, and the torn ones").toBeGreaterThanOrEqual(2 * verdict.syncs);
}

describe.skipIf(!hasStrace)(`a power cut at any sync${why}`, () => {
  test.each([["bun-sqlite"], ["file"]] as const)(
    "loses nothing that %s acknowledged, and it starts",
    async (kind) => {
      const verdict = await judge({ kind, traces: [await live(kind)] });
      expectWhole(verdict);
      expect(verdict.syncs).toBeGreaterThanOrEqual(30);
    },
  );

  test.runIf(isThorough)("loses nothing that bun-sqlite acknowledged on Deno", async () => {
    expectWhole(await judge({ kind: "bun-sqlite", traces: [await live("bun-sqlite", deno)] }));
  });

  test("finds what bun-sqlite loaded, although the process before was killed before its sync (R12)", async () => {
    let kills = 0;
    for (let sync = 15; isThorough || kills < 2; sync += isThorough ? 1 : 9) {
      await rm(root, { recursive: true });
      await mkdir(root);
      const killed = await killedAt(sync, "bun-sqlite");
      if (killed === undefined) break;
      kills++;
      expectWhole(await judge({ kind: "bun-sqlite", traces: [killed, await live("bun-sqlite")] }));
    }
    expect(kills).toBeGreaterThanOrEqual(2);
  });

  test.each([
    ["the names of new directories", "/(root|a|b)$", "lost"],
    ["the commit file", "-commit", "refused"],
    ["the write-ahead log", "-wal$", "refused"],
    ["the database", "\\.sqlite$", "refused"],
  ] as const)("is detected if %s is not synced", async (_what, ignored, outcome) => {
    const verdict = await judge({ kind: "bun-sqlite", traces: [await live("bun-sqlite")], torn: 0, ignored });
    expect(verdict[outcome]).toBeGreaterThan(0);
  });
});
