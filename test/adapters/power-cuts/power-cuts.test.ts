import { execFile, spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { env } from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { quickPlace } from "../quick-place.ts";
import type { Task, Verdict } from "./judge.ts";
import type { PersisterKind } from "./subject.ts";
import { straceOptions } from "./trace.ts";

const repository = fileURLToPath(new URL("../../..", import.meta.url));
const run = promisify(execFile);
const bun = "node_modules/.bin/bun";
const deno = ["node_modules/.bin/deno", "run", "--allow-all"] as const;

/** POWER_CUTS=200 cuts the power at every sync with 200 random remains of what was not synced. */
const torn = Number(env.POWER_CUTS ?? 1);
const isThorough = env.POWER_CUTS !== undefined;

const hasStrace = spawnSync("strace", ["--version"]).status === 0;
const why = hasStrace ? "" : ": needs strace";

let root: string;
let place: string;
beforeEach(async () => {
  place = await mkdtemp(join(quickPlace, "ruaft-power-"));
  root = join(place, "root");
  await mkdir(root);
});
afterEach(() => rm(place, { recursive: true }));

/** Lives the scripted run, or as much of it as is left. @returns the file of the trace */
async function live(
  kind: PersisterKind,
  { runtime = [bun], killAtSync }: { runtime?: readonly string[]; killAtSync?: number } = {},
): Promise<string> {
  const trace = join(place, `trace-${(await run("ls", [place])).stdout.split("\n").length}`);
  const inject =
    killAtSync === undefined ? [] : ["-e", `inject=fsync,fdatasync:signal=SIGKILL:when=${killAtSync}`];
  const program = [...runtime, "test/adapters/power-cuts/life.ts", kind, join(root, "a/b/data")];
  const traced = run("strace", [...straceOptions, ...inject, "-o", trace, ...program], { cwd: repository });
  if (killAtSync === undefined) await traced;
  else await expect(traced, "the life ends early").rejects.toMatchObject({ signal: "SIGKILL" });
  return trace;
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
    expectWhole(await judge({ kind: "bun-sqlite", traces: [await live("bun-sqlite", { runtime: deno })] }));
  });

  test("finds what bun-sqlite loaded, although the process before was killed before its sync (R12)", async () => {
    for (const killAtSync of isThorough ? Array.from({ length: 34 }, (_, i) => 20 + i) : [24, 30]) {
      await rm(root, { recursive: true });
      await mkdir(root);
      const traces = [await live("bun-sqlite", { killAtSync }), await live("bun-sqlite")];
      expectWhole(await judge({ kind: "bun-sqlite", traces }));
    }
  });

  test.each([
    ["the names of new directories", "/(root|a|b)$", "lost"],
    ["the commit file", "-commit", "refused"],
    ["the write-ahead log", "-wal$", "refused"],
    ["the database", "\\.sqlite$", "refused"],
  ] as const)("is noticed if nobody syncs %s", async (_what, ignored, outcome) => {
    const verdict = await judge({ kind: "bun-sqlite", traces: [await live("bun-sqlite")], torn: 0, ignored });
    expect(verdict[outcome]).toBeGreaterThan(0);
  });
});
