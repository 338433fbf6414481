import { type Persister, PersisterError, type PersisterFailure } from "../../../ports/index.ts";
import {
  type HardState,
  type LogEntry,
  type PersistedState,
  type ReplicaId,
  replicaId,
} from "../../../raft/index.ts";
import { assert, assertEqual, assertRejects } from "../../assert.ts";
import type { ConformanceCase } from "../conformance-case.ts";

/** A storage, initially empty, and what can happen to it. */
export interface PersisterFixture extends AsyncDisposable {
  /** The `compactLogBytes` of the persisters from `open`, from 1 KiB to 1 MiB. */
  readonly compactLogBytes: number;
  /** Creates a persister on the storage, not yet loaded. Default: of replica `n1` of cluster `c1`. */
  open(owner?: { readonly clusterId?: string; readonly replicaId?: ReplicaId }): Persister;
  /** Simulates the death of the process: its persister is abandoned and writes no more. */
  crash(): Promise<void>;
  /** Makes the next write to the storage fail with this error. */
  failNextWrite(error: Error): void;
}

/** One case of the persisters' conformance suite. */
export type PersisterCase = ConformanceCase<PersisterFixture>;

export const n1: ReplicaId = replicaId("n1");
export const n2: ReplicaId = replicaId("n2");

/** Creates a command entry of `bytes` bytes (default: 5), which differ from those of any other entry. */
export function entry(index: number, term: number, bytes = 5): LogEntry {
  return { type: "command", index, term, data: pattern(bytes, index * 31 + term) };
}

/** Creates the entries from one index to another, both included, all of one term. */
export function entries(first: number, last: number, term: number, bytes?: number): LogEntry[] {
  return Array.from({ length: last - first + 1 }, (_, i) => entry(first + i, term, bytes));
}

export function pattern(bytes: number, seed: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, i) => (seed * 7 + i * 13 + (i >> 8)) & 0xff);
}

export function hardState(
  currentTerm: number,
  votedFor?: ReplicaId,
  countedPeers: readonly ReplicaId[] = [],
): HardState {
  return { currentTerm, votedFor, countedPeers };
}

/** Opens a persister and loads it. */
export async function opened(
  fixture: PersisterFixture,
): Promise<{ persister: Persister; state: PersistedState }> {
  const persister = fixture.open();
  return { persister, state: await persister.load() };
}

/** Opens and loads a persister, for cases that start with an empty storage. */
export async function fresh(fixture: PersisterFixture): Promise<Persister> {
  return (await opened(fixture)).persister;
}

/** Returns the contents of the storage after a graceful end of its persister. */
export async function reopened(
  fixture: PersisterFixture,
  before: Persister,
): Promise<{ persister: Persister; state: PersistedState }> {
  await before[Symbol.asyncDispose]();
  return opened(fixture);
}

export async function saveSnapshot(
  persister: Persister,
  lastIncludedIndex: number,
  lastIncludedTerm: number,
  bytes: Uint8Array,
): Promise<void> {
  const sink = await persister.createSnapshot({ lastIncludedIndex, lastIncludedTerm });
  await sink.write(bytes);
  await sink.commit();
}

/** Returns the data of the newest snapshot. */
export async function readSnapshot(persister: Persister): Promise<Uint8Array | undefined> {
  const source = await persister.openSnapshot();
  if (!source) return undefined;
  const bytes = await source.read(0, source.size);
  await source.close();
  return bytes;
}

/** Returns the entries that the snapshot does not cover, and checks that all entries are contiguous. */
export function tailOf(state: PersistedState): readonly LogEntry[] {
  for (const [i, { index }] of state.entries.entries()) {
    assertEqual(index, state.prevLogIndex + 1 + i, "entries are contiguous after prevLogIndex");
  }
  const covered = state.snapshot?.lastIncludedIndex ?? 0;
  assert(
    state.prevLogIndex <= covered,
    `entries after ${covered} are missing: they start at ${state.prevLogIndex}`,
  );
  return state.entries.filter(({ index }) => index > covered);
}

/** Returns the term that the log itself has at an index, from an entry or from the position before the first. */
export function termAt(state: PersistedState, index: number): number | undefined {
  if (index === state.prevLogIndex) return state.prevLogTerm;
  return state.entries.find((entry) => entry.index === index)?.term;
}

export async function assertFails(call: Promise<unknown>, reason: PersisterFailure): Promise<PersisterError> {
  const error = await assertRejects(call, `the call should fail as ${reason}`);
  assert(error instanceof PersisterError, `the call should fail with a PersisterError, not ${String(error)}`);
  assertEqual(error.reason, reason, error.message);
  return error;
}

export async function assertMisuse(call: Promise<unknown>, named: string): Promise<void> {
  const error = await assertRejects(call, `a bad ${named} should be refused`);
  assert(error instanceof RangeError, `a bad ${named} should be a RangeError, not ${String(error)}`);
  assert(error.message.includes(named), `the message should name ${named}: ${error.message}`);
}
