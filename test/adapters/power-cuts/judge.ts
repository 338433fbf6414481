/**
 * Cuts the power at every sync of traced lives: `bun judge.ts OPTIONS`, a `Task` as JSON. Before each sync, and at the
 * end, the disk is rebuilt with everything unsynced lost, with everything kept, and several times with a random part of
 * it. A persister starts on each. Prints a `Verdict` as JSON.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { openSqlite } from "../../../adapters/bun-sqlite/index.ts";
import { recovered, scriptedRun } from "../../../src/testing/conformance/persister/script.ts";
import { seededRandom } from "../../raft/random.ts";
import { openPersister, type PersisterKind, stepOf } from "./subject.ts";
import { parseTrace } from "./trace.ts";
import { TracedDisk } from "./traced-disk.ts";

export interface Task {
  readonly kind: PersisterKind;
  /** The directory that held the persister's directory `a/b/data`; it was empty at first. */
  readonly root: string;
  /** The files of strace, one a run, in order. The power is cut in the last run. */
  readonly traces: readonly string[];
  readonly seed: number;
  /** Number of images per sync that keep a random part of the unsynced changes. */
  readonly torn: number;
  /** A planted mistake: syncs of files whose path matches this pattern are ignored. */
  readonly ignored?: string;
}

/** Number of occurrences of each outcome. */
export interface Verdict {
  readonly syncs: number;
  readonly images: number;
  /** All acknowledged steps are there, and no step that was never begun. */
  readonly whole: number;
  /** Something acknowledged is missing. */
  readonly lost: number;
  /** The state after no step of the run, or after a step that was not begun. */
  readonly wrong: number;
  /** The persister doesn't start. */
  readonly refused: number;
  /** The first of each kind. */
  readonly examples: readonly string[];
}

const { kind, root, traces, seed, torn, ignored }: Task = JSON.parse(process.argv[2] ?? "{}");
const mistake = ignored === undefined ? undefined : new RegExp(ignored);
const random = seededRandom(seed);
const disk = new TracedDisk(root);
const place = mkdtempSync(join(dirname(root), "image-"));
const counts = { syncs: 0, images: 0, whole: 0, lost: 0, wrong: 0, refused: 0 };
const examples = new Map<string, string>();
let acknowledged = 0;

for (const [at, trace] of traces.entries()) {
  const isLast = at === traces.length - 1;
  disk.restart();
  for (const event of parseTrace(readFileSync(trace, "utf8"))) {
    const path = event.type === "sync" ? disk.pathOf(event.fd) : undefined;
    if (path !== undefined && isLast) await cut(`before sync ${++counts.syncs}, of ${path}`);
    if (path !== undefined && mistake?.test(path)) continue;
    if (event.type === "write" && event.fd === 1) {
      acknowledged = Number(/ack (\d+)/.exec(new TextDecoder().decode(event.bytes))?.[1]);
    } else disk.apply(event);
  }
}
await cut("at the end");
rmSync(place, { recursive: true });
console.log(JSON.stringify({ ...counts, examples: [...examples.values()] } satisfies Verdict));

async function cut(when: string): Promise<void> {
  await judge(
    `${when}: all lost`,
    disk.after(() => false),
  );
  await judge(
    `${when}: all kept`,
    disk.after(() => true),
  );
  for (let i = 1; i <= torn; i++) {
    const share = random();
    await judge(
      `${when}: torn, ${i}`,
      disk.after(() => random() < share),
    );
  }
}

async function judge(what: string, image: ReadonlyMap<string, Uint8Array>): Promise<void> {
  counts.images++;
  const [outcome, detail] = await outcomeOf(image);
  counts[outcome]++;
  if (outcome !== "whole" && !examples.has(outcome)) {
    examples.set(outcome, `${outcome}, ${what}, ${acknowledged} steps acknowledged: ${detail}`);
  }
}

/** Starts on an image, takes one more step and starts again. */
async function outcomeOf(
  image: ReadonlyMap<string, Uint8Array>,
): Promise<readonly ["whole" | "lost" | "wrong" | "refused", string]> {
  const directory = mkdtempSync(join(place, "disk-"));
  for (const [path, bytes] of image) {
    const target = directory + path.slice(root.length);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, bytes);
  }
  try {
    const step = await start(directory);
    if (step === undefined || step > acknowledged + 1)
      return ["wrong", `the state is that after step ${step}`];
    if (step < acknowledged) return ["lost", `${step} are there`];
    const goesOn = step < scriptedRun.length;
    if (goesOn && (await start(directory)) !== step + 1) return ["wrong", "the next step is not there"];
    return ["whole", ""];
  } catch (error) {
    return ["refused", String(error)];
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** @returns the step after which the state was found; the one that follows is made before the end */
async function start(directory: string): Promise<number | undefined> {
  await using persister = openPersister(
    kind === "file" ? "file" : "bun-sqlite",
    `${directory}/a/b/data`,
    openSqlite,
  );
  const step = stepOf(await recovered(persister, await persister.load()));
  if (step !== undefined) await scriptedRun[step]?.run(persister);
  return step;
}
