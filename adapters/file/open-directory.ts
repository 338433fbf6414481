import { type Disk, PersisterError, type Random } from "../../src/ports/index.ts";
import type { PersistedState, SnapshotMeta } from "../../src/raft/index.ts";
import {
  metaName,
  outdatedName,
  snapshotName,
  snapshotNames,
  startsName,
  temporaryNames,
} from "./file-names.ts";
import { Folder } from "./folder.ts";
import { type RecoveredLog, recoverLog } from "./log-recovery.ts";
import { checkIdentity, type Identity, writeIdentity } from "./meta-file.ts";
import { type LogOptions, SegmentedLog } from "./segmented-log.ts";
import { SnapshotReader } from "./snapshot-reader.ts";
import { createStarts, readStarts, type Starts, writeStarts } from "./starts.ts";

export interface DirectoryOptions extends Identity, LogOptions {
  readonly directory: string;
  readonly disk: Disk;
}

/** The newest snapshot of a directory. */
export interface StoredSnapshot {
  readonly name: string;
  readonly meta: SnapshotMeta;
  readonly size: number;
}

export interface OpenedDirectory {
  readonly lock: AsyncDisposable;
  readonly folder: Folder;
  readonly log: SegmentedLog;
  readonly snapshot: StoredSnapshot | undefined;
  readonly state: PersistedState;
  /** The uid of the cluster that the directory is bound to, in hexadecimal. */
  readonly clusterUid: string | undefined;
  /** The count includes this start. */
  readonly starts: Starts;
}

/**
 * Locks a directory, reads all that is in it, and makes sure that it is durable. If anything is wrong, the directory is
 * left unchanged.
 */
export async function openDirectory(options: DirectoryOptions): Promise<OpenedDirectory> {
  const { disk, directory } = options;
  await disk.makeDirectory(directory);
  const lock = await disk.lock(directory);
  if (lock.weakness !== undefined)
    options.logger.warn("{weakness}", { event: "lock.weak", weakness: lock.weakness });
  try {
    return { lock, ...(await openLocked(new Folder(disk, directory), options)) };
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    throw error;
  }
}

async function openLocked(folder: Folder, options: DirectoryOptions): Promise<Omit<OpenedDirectory, "lock">> {
  const names = await folder.list();
  const isNew = !names.includes(metaName);
  const clusterUid = isNew ? undefined : await checkIdentity(folder, options);
  if (names.includes(outdatedName)) await throwOutdated(folder);
  const counted = isNew ? undefined : await countedStarts(folder, names);
  const snapshot = await checkNewestSnapshot(folder, names);
  const recovered = await recoverLog(folder, snapshot?.meta, options.logger);
  checkComplete(folder, isNew, recovered, snapshot);

  for (const name of temporaryNames(names)) await folder.remove(name);
  const log = await SegmentedLog.open(folder, recovered, options);
  try {
    // The log comes first, so that a meta file proves that there was a log.
    const starts = await countStart(folder, counted, options.random);
    if (isNew) await writeIdentity(folder, options);
    await folder.sync();
    await removeOlderSnapshots(folder, names);
    if (snapshot) await log.dropCovered(snapshot.meta.lastIncludedIndex);
    return { folder, log, snapshot, state: stateOf(recovered, snapshot), clusterUid, starts };
  } catch (error) {
    await log.close(false);
    throw error;
  }
}

async function throwOutdated(folder: Folder): Promise<never> {
  const file = await folder.open(outdatedName);
  const reason = new TextDecoder().decode(await file.readAt(0, await file.size())).trim();
  await file.close();
  throw new PersisterError(
    "outdated",
    `${folder.path} is no longer used: ${reason} If this directory has the newest data nevertheless, stop the other ` +
      `process for good, remove ${folder.path}/${outdatedName} and start this one`,
  );
}

async function countedStarts(folder: Folder, names: readonly string[]): Promise<Starts> {
  if (!names.includes(startsName)) {
    throw folder.corrupt(startsName, 0, "the file is missing, but there is data beside it");
  }
  return readStarts(folder);
}

/** @param counted the directory's count so far; undefined for a new one */
async function countStart(folder: Folder, counted: Starts | undefined, random: Random): Promise<Starts> {
  if (counted === undefined) return createStarts(folder, 1 + Math.floor(random() * (2 ** 32 - 1)));
  const starts = { ...counted, starts: counted.starts + 1 };
  await writeStarts(folder, starts);
  return starts;
}

async function checkNewestSnapshot(
  folder: Folder,
  names: readonly string[],
): Promise<StoredSnapshot | undefined> {
  const name = snapshotNames(names).at(-1);
  if (name === undefined) return undefined;
  const reader = await SnapshotReader.open(folder, name);
  try {
    await reader.check();
    const { meta, size } = reader;
    if (name !== snapshotName(meta.lastIncludedIndex))
      throw folder.corrupt(name, 0, "its name is that of another snapshot");
    return { name, meta, size };
  } finally {
    await reader.close();
  }
}

/** A replica that lost its vote or its log must not pass for a new one. */
function checkComplete(
  folder: Folder,
  isNew: boolean,
  { segments, contents, hardState }: RecoveredLog,
  snapshot: StoredSnapshot | undefined,
): void {
  if (!isNew && segments.length === 0) throw folder.corrupt("*.log", 0, "the log is missing");
  const isEmpty = contents.entries.length === 0 && hardState.currentTerm === 0 && !snapshot;
  if (isNew && !isEmpty)
    throw folder.corrupt(metaName, 0, "the file is missing, but there is data beside it");
}

async function removeOlderSnapshots(folder: Folder, names: readonly string[]): Promise<void> {
  for (const name of snapshotNames(names).slice(0, -1)) await folder.remove(name);
}

function stateOf(
  { contents, hardState }: RecoveredLog,
  snapshot: StoredSnapshot | undefined,
): PersistedState {
  const { prev } = contents.termRuns;
  return {
    hardState,
    snapshot: snapshot?.meta,
    prevLogIndex: prev.index,
    prevLogTerm: prev.term,
    entries: contents.entries,
  };
}
