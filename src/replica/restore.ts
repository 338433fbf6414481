import {
  type Clock,
  type Logger,
  type Persister,
  PersisterError,
  type SnapshotSource,
  type StateMachine,
} from "../ports/index.ts";
import {
  InvariantViolation,
  invariant,
  type PersistedState,
  type RaftConfig,
  RaftCore,
  type RaftView,
  type ReplicaId,
  type SnapshotMeta,
} from "../raft/index.ts";

import { configurationMismatch } from "./configuration-mismatch.ts";

const CHUNK_BYTES = 256 << 10;

/**
 * Gives a state machine the newest snapshot if there is one. Other work runs between any two chunks.
 *
 * @returns what the snapshot covers; undefined if there is none
 */
export async function restoreNewest(
  persister: Persister,
  stateMachine: StateMachine<unknown>,
  clock: Clock,
): Promise<SnapshotMeta | undefined> {
  const source = await persister.openSnapshot();
  if (source === undefined) return undefined;
  try {
    const { lastIncludedIndex: index, lastIncludedTerm: term } = source.meta;
    await stateMachine.restore(chunksOf(source, clock), { index, term });
    return source.meta;
  } finally {
    await source.close();
  }
}

async function* chunksOf(source: SnapshotSource, clock: Clock): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < source.size; ) {
    const chunk = await source.read(offset, CHUNK_BYTES);
    invariant(chunk.length > 0, "§7 a snapshot is read to its end");
    offset += chunk.length;
    invariant(offset <= source.size, "§7 a snapshot has no bytes after its end");
    yield chunk;
    await new Promise<void>((resolve) => clock.defer(resolve));
  }
}

/** @throws PersisterError `corrupt` if the durable state breaks a rule of Raft's log, `mismatch` if it has other voters */
export function restoredCore(config: RaftConfig, restored: PersistedState, now: number): RaftCore {
  try {
    const core = new RaftCore(config, restored, now);
    invariant(
      core.lastApplied === (restored.snapshot?.lastIncludedIndex ?? 0),
      "§7 a replica starts with its snapshot",
    );
    const mismatch = configurationMismatch(config, core.view().configuration);
    if (mismatch !== undefined) throw new PersisterError("mismatch", mismatch);
    return core;
  } catch (cause) {
    if (!(cause instanceof InvariantViolation)) throw cause;
    throw new PersisterError("corrupt", `the stored log of ${config.id} can't be used: ${cause.message}`, {
      cause,
    });
  }
}

/** Logs the snapshot that a replica starts with, if there is one. */
export function logRestored(id: ReplicaId, restored: PersistedState, logger: Logger | undefined): void {
  if (restored.snapshot === undefined) return;
  logger?.info(
    "{id} starts with a snapshot up to index {snapshotIndex}, and its log goes up to index {lastLogIndex}",
    {
      event: "snapshot.restored",
      id,
      snapshotIndex: restored.snapshot.lastIncludedIndex,
      lastLogIndex: Math.max(
        restored.snapshot.lastIncludedIndex,
        restored.prevLogIndex + restored.entries.length,
      ),
    },
  );
}

/** Logs that a snapshot of the leader replaced the state of a replica. */
export function logInstalled({ id, lastApplied: from }: RaftView, meta: SnapshotMeta, logger: Logger): void {
  const message =
    "{id} replaced its state after index {from} by a snapshot of the leader's, up to index {to}";
  logger.info(message, { event: "snapshot.installed", id, from, to: meta.lastIncludedIndex });
}
