import {
  emptyState,
  type LogPosition,
  type PersistedState,
  type SnapshotMeta,
  type WriteBatch,
} from "../../../src/raft/index.ts";

/** The storage of one replica, and its write in flight. */
export class TestDisk {
  state: PersistedState = emptyState;
  /** The bytes of the newest snapshot: a text that says what it covers. */
  snapshotBytes: Uint8Array = new Uint8Array();
  #inFlight: WriteBatch | undefined;

  begin(batch: WriteBatch): void {
    this.#inFlight = batch;
  }

  /** Makes the write in flight durable. */
  complete(): void {
    const batch = this.#inFlight;
    this.#inFlight = undefined;
    if (batch !== undefined) this.state = written(this.state, batch);
  }

  /** @param writeIsLost whether the write in flight is lost; otherwise it is durable, but was not reported */
  crash(writeIsLost: boolean): void {
    if (writeIsLost) this.#inFlight = undefined;
    else this.complete();
  }

  wipe(): void {
    this.#inFlight = undefined;
    this.state = emptyState;
  }

  commitSnapshot(meta: SnapshotMeta, bytes: Uint8Array): void {
    this.complete();
    this.state = covered(this.state, meta);
    this.snapshotBytes = bytes;
  }
}

function lastIndexOf({ prevLogIndex, entries }: PersistedState): number {
  return prevLogIndex + entries.length;
}

function written(state: PersistedState, { hardState, truncateFrom, entries }: WriteBatch): PersistedState {
  const end = Math.min(lastIndexOf(state), (truncateFrom ?? Number.POSITIVE_INFINITY) - 1);
  // At the snapshot's end the next entry follows the snapshot, even if the log had another entry there.
  const prev = end === state.snapshot?.lastIncludedIndex ? positionOf(state.snapshot) : undefined;
  const prevLogIndex = prev?.index ?? state.prevLogIndex;
  const kept = prev === undefined ? state.entries.slice(0, end - prevLogIndex) : [];
  return {
    hardState: hardState ?? state.hardState,
    snapshot: state.snapshot,
    prevLogIndex,
    prevLogTerm: prev?.term ?? state.prevLogTerm,
    entries: [...kept, ...entries],
  };
}

function covered(state: PersistedState, snapshot: SnapshotMeta): PersistedState {
  const { index, term } = positionOf(snapshot);
  const last = state.entries[index - state.prevLogIndex - 1];
  const entries = state.entries.slice(index - state.prevLogIndex);
  const prevLogTerm = entries.length > 0 ? (last?.term ?? term) : term;
  return { ...state, snapshot, prevLogIndex: index, prevLogTerm, entries };
}

function positionOf({ lastIncludedIndex, lastIncludedTerm }: SnapshotMeta): LogPosition {
  return { index: lastIncludedIndex, term: lastIncludedTerm };
}
