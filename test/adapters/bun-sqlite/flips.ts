/**
 * Flips bits of a database, of its write-ahead log after a crash and of its commit file, one bit at a time, and starts
 * a persister on each: `bun flips.ts PLACE OPTIONS`, a `FlipTask` as JSON. Prints a `FlipVerdict` as JSON.
 */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { openSqlite, type SqliteDatabase, sqlitePersister } from "../../../adapters/bun-sqlite/index.ts";
import { type Persister, PersisterError } from "../../../src/ports/index.ts";
import { replicaId } from "../../../src/raft/index.ts";
import { recovered, scriptedRun } from "../../../src/testing/conformance/persister/script.ts";
import { seededRandom } from "../../raft/random.ts";
import { stepOf } from "../power-cuts/subject.ts";

export interface FlipTask {
  /** Size of SQLite's pages. With small pages a database has more structure and fewer bytes. */
  readonly pageBytes: number;
  /** Every n-th bit is flipped. */
  readonly every: number;
  /** Whether every bit of the headers of database, write-ahead log and first frame is flipped too. */
  readonly headers: boolean;
  readonly seed: number;
}

/** Number of occurrences of each outcome, by image and file. */
export type FlipVerdict = Readonly<Record<string, FlipCounts>>;

export interface FlipCounts {
  /** In the file. */
  readonly bits: number;
  flips: number;
  /** The state is the acknowledged one, or the one in flight. */
  same: number;
  /** A PersisterError `corrupt` or `mismatch`, twice. */
  refused: number;
  /** Any other state, and any other error. */
  wrong: string[];
}

const [place = "", options = "{}"] = process.argv.slice(2);
const { pageBytes, every, headers, seed }: FlipTask = JSON.parse(options);
const random = seededRandom(seed);
const database = "replica.sqlite";
const suffixes = ["", "-wal", "-commit"] as const;

/** In bits. */
const headerBits: Readonly<Record<string, number>> = { "": 100 * 8, "-wal": (32 + 24) * 8 };

/** Files by suffix, and the steps whose state they may give back. */
interface Image {
  readonly name: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly steps: readonly number[];
}

const verdict: Record<string, FlipCounts> = {};
for (const image of await images()) {
  for (const [suffix, bytes] of image.files) {
    const counts: FlipCounts = { bits: bytes.length * 8, flips: 0, same: 0, refused: 0, wrong: [] };
    verdict[`${image.name}, ${database}${suffix}`] = counts;
    for (const bit of bitsOf(suffix, bytes.length * 8)) await flip(image, suffix, bit, counts);
  }
}
console.log(JSON.stringify(verdict satisfies FlipVerdict));

function* bitsOf(suffix: string, bits: number): Generator<number> {
  const dense = headers ? Math.min(bits, headerBits[suffix] ?? 0) : 0;
  for (let bit = 0; bit < dense; bit++) yield bit;
  for (let bit = dense + Math.floor(random() * every); bit < bits; bit += every) yield bit;
}

async function flip(image: Image, suffix: string, bit: number, counts: FlipCounts): Promise<void> {
  counts.flips++;
  const directory = mkdtempSync(join(place, "flip-"));
  for (const [name, bytes] of image.files) writeFileSync(join(directory, database + name), bytes);
  const flipped = Uint8Array.from(image.files.get(suffix) ?? []);
  flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  writeFileSync(join(directory, database + suffix), flipped);
  const outcome = await outcomeOf(directory, image.steps);
  // A refused database stays refused, and a repaired one stays whole.
  const again = await outcomeOf(directory, image.steps);
  if (outcome !== again) counts.wrong.push(`bit ${bit}: ${outcome}, then ${again}`);
  else if (outcome === "same") counts.same++;
  else if (outcome === "refused") counts.refused++;
  else counts.wrong.push(`bit ${bit}: ${outcome}`);
  rmSync(directory, { recursive: true });
}

async function outcomeOf(directory: string, steps: readonly number[]): Promise<string> {
  const persister = open(directory);
  try {
    const step = stepOf(await recovered(persister, await persister.load()));
    return step !== undefined && steps.includes(step) ? "same" : `the state after step ${step}`;
  } catch (error) {
    const isRefusal =
      error instanceof PersisterError && (error.reason === "corrupt" || error.reason === "mismatch");
    return isRefusal ? "refused" : String(error);
  } finally {
    await persister[Symbol.asyncDispose]();
  }
}

/** A clean end, a crash after everything was acknowledged, and one between the two syncs of a transaction. */
async function images(): Promise<Image[]> {
  const directory = join(place, "life");
  mkdirSync(directory);
  const first = open(directory);
  await first.load();
  const half = 9;
  await live(first, 0, half);
  await first[Symbol.asyncDispose]();
  const clean = { name: "after a clean end", files: filesOf(directory), steps: [half] };
  const second = open(directory);
  await second.load();
  const last = scriptedRun.length;
  await live(second, half, last - 1);
  const commit = join(directory, `${database}-commit`);
  copyFileSync(commit, `${commit}.before`);
  await live(second, last - 1, last);
  const crashed = { name: "after a crash", files: filesOf(directory), steps: [last] };
  const between = {
    name: "after a crash between two syncs",
    files: new Map([...crashed.files, ["-commit", readFileSync(`${commit}.before`)]]),
    steps: [last - 1, last],
  };
  await second[Symbol.asyncDispose]();
  return [clean, crashed, between];
}

async function live(persister: Persister, from: number, to: number): Promise<void> {
  for (const step of scriptedRun.slice(from, to)) await step.run(persister);
}

function filesOf(directory: string): Map<string, Uint8Array> {
  const present = suffixes.filter((suffix) => existsSync(join(directory, database + suffix)));
  return new Map(present.map((suffix) => [suffix, readFileSync(join(directory, database + suffix))]));
}

function open(directory: string): Persister {
  return sqlitePersister({
    file: join(directory, database),
    clusterId: "c1",
    replicaId: replicaId("n1"),
    open: async (file): Promise<SqliteDatabase> => {
      const opened = await openSqlite(file);
      opened.exec(`PRAGMA page_size = ${pageBytes}`);
      return opened;
    },
  });
}
