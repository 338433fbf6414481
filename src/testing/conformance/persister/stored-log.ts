import { PersisterError } from "../../../ports/index.ts";
import { emptyState, type PersistedState } from "../../../raft/index.ts";
import { assert, assertEqual, assertRejects } from "../../assert.ts";
import type { ConformanceCase } from "../conformance-case.ts";
import {
  assertFails,
  entries,
  entry,
  fresh,
  hardState,
  n2,
  opened,
  type PersisterFixture,
} from "./fixture.ts";

/** A storage whose log is a file of records, one per batch, which can be damaged while it is closed. */
export interface StoredLogFixture extends PersisterFixture {
  /** Returns all bytes of the current log file. */
  readLog(): Promise<Uint8Array>;
  /** Replaces them by other bytes, also of another length. */
  replaceLog(bytes: Uint8Array): Promise<void>;
  /** Returns the end of each record, in bytes from the start of the log. */
  recordEnds(log: Uint8Array): readonly number[];
  /** Returns the log as if nothing had been written from `start` on. */
  blankFrom(log: Uint8Array, start: number): Uint8Array;
  /**
   * Makes the cases that flip every bit flip only every n-th, for storage that is slow to open. An odd number reaches all
   * bit positions of a byte. Default: 1.
   */
  readonly flipEvery?: number;
}

/** One case about the bytes of a stored log. */
export type StoredLogCase = ConformanceCase<StoredLogFixture>;

const batches = [
  { hardState: hardState(3, n2), entries: [entry(1, 3)] },
  { entries: [entry(2, 3, 40)] },
  { hardState: hardState(4), truncateFrom: 2, entries: [entry(2, 4)] },
] as const;

/** The stored state after each batch. */
const states: readonly PersistedState[] = [
  { ...emptyState, hardState: hardState(3, n2), entries: [entry(1, 3)] },
  { ...emptyState, hardState: hardState(3, n2), entries: [entry(1, 3), entry(2, 3, 40)] },
  { ...emptyState, hardState: hardState(4), entries: [entry(1, 3), entry(2, 4)] },
];

/** Writes three batches and leaves the log as after a crash or a graceful end. */
async function writtenLog(fixture: StoredLogFixture, end: "crash" | "dispose"): Promise<Uint8Array> {
  const persister = await fresh(fixture);
  for (const batch of batches) await persister.write(batch);
  await (end === "crash" ? fixture.crash() : persister[Symbol.asyncDispose]());
  return fixture.readLog();
}

/** Returns the start of the first batch and the ends of all three. */
function bounds(fixture: StoredLogFixture, log: Uint8Array): [number, number, number, number] {
  const [start, first, second, third] = fixture.recordEnds(log);
  assert(
    start !== undefined && first !== undefined && second !== undefined && third !== undefined,
    "three batches",
  );
  return [start, first, second, third];
}

/** Loads a damaged log and writes on. Then the loaded state and the new writes must be there. */
async function survives(fixture: StoredLogFixture, log: Uint8Array, expected: PersistedState): Promise<void> {
  await fixture.replaceLog(log);
  const { persister, state } = await opened(fixture);
  assertEqual(state, expected, "what was loaded");
  const next = entry(state.entries.length + 1, 9, 3);
  await persister.write({ entries: [next] });
  await fixture.crash();
  const after = await opened(fixture);
  assertEqual(after.state.entries, [...expected.entries, next], "what was loaded after a further write");
  await fixture.crash();
}

/** Cases for persisters whose log is a file: what damage to its bytes must lead to. */
export const storedLogConformance: readonly StoredLogCase[] = [
  {
    name: "a log in which any end of its last two records was not stored holds the whole ones before",
    async run(fixture) {
      const log = await writtenLog(fixture, "crash");
      const [, first, second, third] = bounds(fixture, log);
      for (let end = first; end <= third; end++) {
        // The last word of a record is stored completely or not at all, because no sector boundary divides it.
        if (isWithinChecksum(end, second) || isWithinChecksum(end, third)) continue;
        const whole = states[end < second ? 0 : end < third ? 1 : 2] ?? emptyState;
        await survives(fixture, fixture.blankFrom(log, end), whole);
      }
    },
  },
  ...["cut off", "zeros"].map(
    (remains): StoredLogCase => ({
      name: `a log that ends at any byte of its last two records, the rest ${remains}, is corruption: no write leaves that`,
      async run(fixture) {
        const log = await writtenLog(fixture, "crash");
        const [, first, , third] = bounds(fixture, log);
        for (let end = first; end < third; end++) {
          await fixture.replaceLog(remains === "zeros" ? log.slice().fill(0, end) : log.slice(0, end));
          await assertFails(fixture.open().load(), "corrupt");
          await fixture.crash();
        }
      },
    }),
  ),
  {
    name: "a last record with any bit wrong is corruption: it was whole, and may have been acknowledged",
    async run(fixture) {
      const log = await writtenLog(fixture, "crash");
      const [, , second, third] = bounds(fixture, log);
      for (const bit of bitsToFlip(fixture, second, third)) {
        await fixture.replaceLog(withBitWrong(log, bit));
        await assertFails(fixture.open().load(), "corrupt");
        await fixture.crash();
      }
    },
  },
  {
    name: "a record before the last with any bit wrong is corruption, named by file and offset",
    async run(fixture) {
      const log = await writtenLog(fixture, "crash");
      const [, first, second] = bounds(fixture, log);
      for (const bit of bitsToFlip(fixture, 0, second)) {
        await fixture.replaceLog(withBitWrong(log, bit));
        const error = await assertFails(fixture.open().load(), "corrupt");
        const offset = [0, ...fixture.recordEnds(log)].findLast((start) => start * 8 <= bit) ?? 0;
        assert(
          error.message.includes(`byte ${offset}`),
          `bit ${bit} is in the record at ${offset}: ${error.message}`,
        );
        await fixture.crash();
      }
      assert(first < second, "the first and the second record were damaged");
    },
  },
  {
    name: "after an orderly end the last batch with any bit wrong is corruption",
    async run(fixture) {
      const log = await writtenLog(fixture, "dispose");
      const [, , second, third] = bounds(fixture, log);
      for (const bit of bitsToFlip(fixture, second, third)) {
        await fixture.replaceLog(withBitWrong(log, bit));
        await assertFails(fixture.open().load(), "corrupt");
        await fixture.crash();
      }
    },
  },
  {
    name: "a refused log is left as it was found",
    async run(fixture) {
      const log = withBitWrong(await writtenLog(fixture, "dispose"), 8 * 100);
      await fixture.replaceLog(log);
      const error = await assertRejects(fixture.open().load(), "a damaged log");
      assert(error instanceof PersisterError && error.reason === "corrupt", String(error));
      assertEqual(await fixture.readLog(), log, "the log");
    },
  },
  {
    name: "garbage behind the last record is corruption: no write of a record leaves it",
    async run(fixture) {
      const log = await writtenLog(fixture, "crash");
      const [, , , third] = bounds(fixture, log);
      const damaged = log.slice();
      for (let at = third; at < damaged.length; at++) damaged[at] = (at * 31) & 0xff;
      await fixture.replaceLog(damaged);
      await assertFails(fixture.open().load(), "corrupt");
      await fixture.crash();
    },
  },
  {
    name: "data that looks like a log is data",
    async run(fixture) {
      const log = await writtenLog(fixture, "crash");
      const [, , , third] = bounds(fixture, log);
      await fixture.replaceLog(log);
      const persister = await fresh(fixture);
      const quoted = { type: "command", index: 3, term: 9, data: log.slice(0, third) } as const;
      await persister.write({ entries: [quoted] });
      await persister.write({ entries: entries(4, 4, 9) });
      await fixture.crash();
      assertEqual((await opened(fixture)).state.entries.slice(2), [quoted, entry(4, 9)], "the entries");
    },
  },
];

function isWithinChecksum(at: number, recordEnd: number): boolean {
  return recordEnd - 4 < at && at < recordEnd;
}

/** Bits of the bytes from `start` up to, but not including, `end`. */
function bitsToFlip({ flipEvery = 1 }: StoredLogFixture, start: number, end: number): number[] {
  const bits: number[] = [];
  for (let bit = start * 8; bit < end * 8; bit += flipEvery) bits.push(bit);
  return bits;
}

function withBitWrong(bytes: Uint8Array, bit: number): Uint8Array {
  const damaged = bytes.slice();
  const at = Math.floor(bit / 8);
  damaged[at] = (damaged[at] ?? 0) ^ (1 << (bit % 8));
  return damaged;
}
