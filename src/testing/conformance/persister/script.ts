import type { Persister } from "../../../ports/index.ts";
import type { HardState, LogEntry, PersistedState, SnapshotMeta, WriteBatch } from "../../../raft/index.ts";
import { assertEqual } from "../../assert.ts";
import { entries, entry, hardState, n1, n2, pattern, readSnapshot, saveSnapshot, tailOf } from "./fixture.ts";

/** The required contents of a storage. Of the log, only what the snapshot does not cover. */
export interface Expected {
  readonly hardState: HardState;
  readonly snapshot: (SnapshotMeta & { readonly bytes: Uint8Array }) | undefined;
  readonly tail: readonly LogEntry[];
}

/** One call of a persister, or one snapshot from start to commit. */
export interface ScriptStep {
  readonly name: string;
  run(persister: Persister): Promise<void>;
  /** The contents of the storage after this step and all before it. */
  readonly expected: Expected;
}

export const nothingStored: Expected = { hardState: hardState(0), snapshot: undefined, tail: [] };

/** A run of a replica with every kind of change, some of them on an empty log and some twice. */
export const scriptedRun: readonly ScriptStep[] = script([
  ["a vote", { hardState: hardState(1, n1), entries: [] }],
  ["the first entry", { entries: [{ type: "noop", index: 1, term: 1, data: new Uint8Array(0) }] }],
  ["several entries", { entries: entries(2, 6, 1) }],
  ["a new term alone", { hardState: hardState(2), entries: [] }],
  ["a truncation with other entries", { truncateFrom: 5, entries: [entry(5, 2), entry(6, 2), entry(7, 2)] }],
  ["a truncation alone", { truncateFrom: 7, entries: [] }],
  ["everything at once", { hardState: hardState(3, n2, [n2]), truncateFrom: 6, entries: entries(6, 9, 3) }],
  ["a snapshot within the log", { lastIncludedIndex: 7, lastIncludedTerm: 3 }, 300],
  ["entries after the snapshot", { entries: entries(10, 12, 3, 700) }],
  ["a truncation next to the snapshot", { truncateFrom: 8, entries: [entry(8, 4)] }],
  ["a snapshot at the end of the log", { lastIncludedIndex: 8, lastIncludedTerm: 4 }, 0],
  ["a large entry", { hardState: hardState(5, n1, [n2, n1]), entries: [entry(9, 5, 5000)] }],
  ["a snapshot beyond the log", { lastIncludedIndex: 40, lastIncludedTerm: 5 }, 1500],
  ["entries after the gap", { entries: entries(41, 43, 6) }],
  ["another term", { hardState: hardState(7), entries: [] }],
]);

/** Compares the state that a persister loads. */
export async function assertRecovered(
  persister: Persister,
  state: PersistedState,
  expected: Expected,
): Promise<void> {
  assertEqual(await recovered(persister, state), expected, "what was read back");
}

/** Returns the state that a persister loads. */
export async function recovered(persister: Persister, state: PersistedState): Promise<Expected> {
  const bytes = await readSnapshot(persister);
  return {
    hardState: state.hardState,
    snapshot: state.snapshot && { ...state.snapshot, bytes: bytes ?? new Uint8Array(0) },
    tail: tailOf(state),
  };
}

type Line = readonly [string, WriteBatch] | readonly [string, SnapshotMeta, number];

function script(lines: readonly Line[]): ScriptStep[] {
  let expected = nothingStored;
  return lines.map(([name, change, snapshotBytes = 0]): ScriptStep => {
    if ("entries" in change) {
      expected = afterBatch(expected, change);
      return { name, expected, run: (persister) => persister.write(change) };
    }
    const { lastIncludedIndex: index, lastIncludedTerm: term } = change;
    const bytes = pattern(snapshotBytes, index);
    const tail = expected.tail.filter((entry) => entry.index > index);
    expected = { ...expected, snapshot: { ...change, bytes }, tail };
    return { name, expected, run: (persister) => saveSnapshot(persister, index, term, bytes) };
  });
}

function afterBatch(before: Expected, batch: WriteBatch): Expected {
  const { truncateFrom = Number.POSITIVE_INFINITY } = batch;
  const kept = before.tail.filter(({ index }) => index < truncateFrom);
  return { ...before, hardState: batch.hardState ?? before.hardState, tail: [...kept, ...batch.entries] };
}
