import { type Persister, PersisterError, type PersisterFailure } from "../../ports/index.ts";
import {
  type HardState,
  type LogEntry,
  type PersistedState,
  type ReplicaId,
  replicaId,
} from "../../raft/index.ts";
import { assert, assertEqual, assertRejects } from "../assert.ts";
import type { ConformanceCase } from "../conformance.ts";

/** One storage, empty at first, and what can happen to it. */
export interface PersisterFixture extends AsyncDisposable {
  /** What the persisters of `open` are told about when the log is worth a snapshot; from 1 KiB to 1 MiB. */
  readonly compactLogBytes: number;
  /** A persister on the storage, not yet loaded. Default: of replica `n1` of cluster `c1`. */
  open(owner?: { readonly clusterId?: string; readonly replicaId?: ReplicaId }): Persister;
  /** The process that uses the storage dies: its persister is dropped as it is, and writes no more. */
  crash(): Promise<void>;
  /** The next write to the storage fails with this error. */
  failNextWrite(error: Error): void;
}

export type PersisterCase = ConformanceCase<PersisterFixture>;

export const n1: ReplicaId = replicaId("n1");
export const n2: ReplicaId = replicaId("n2");

/** A command of `bytes` (default: a few) that are unlike those of any other entry. */
export function entry(index: number, term: number, bytes = 5): LogEntry {
  return { type: "command", index, term, data: pattern(bytes, index * 31 + term) };
}

/** The entries from one index to another, both included, of one term. */
export function entries(first: number, last: number, term: number, bytes?: number): LogEntry[] {
  return Array.from({ length: last - first + 1 }, (_, i) => entry(first + i, term, bytes));
}

export function pattern(bytes: number, seed: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, i) => (seed * 7 + i * 13 + (i >> 8)) & 0xff);
}

export function hardState(
  currentTerm: number,
  votedFor?: ReplicaId,
  reliedOn: readonly ReplicaId[] = [],
): HardState {
  return { currentTerm, votedFor, reliedOn };
}

/** Opens and loads. */
export async function opened(
  fixture: PersisterFixture,
): Promise<{ persister: Persister; state: PersistedState }> {
  const persister = fixture.open();
  return { persister, state: await persister.load() };
}

/** Opens, loads and forgets the state if a case begins with an empty storage. */
export async function fresh(fixture: PersisterFixture): Promise<Persister> {
  return (await opened(fixture)).persister;
}

/** What the storage holds after an orderly end of its persister. */
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

/** The data of the newest snapshot. */
export async function readSnapshot(persister: Persister): Promise<Uint8Array | undefined> {
  const source = await persister.openSnapshot();
  if (!source) return undefined;
  const bytes = await source.read(0, source.size);
  await source.close();
  return bytes;
}

/** Entries are contiguous from the one after `prevLogIndex`; returns those that the snapshot doesn't cover. */
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

/** The term that the log itself gives an index, by entry or by the position before the first. */
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
