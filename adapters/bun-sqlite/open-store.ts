import { closeSync, existsSync, linkSync, openSync, renameSync, unlinkSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { PersisterError } from "../../src/ports/index.ts";
import type { LogEntry } from "../../src/raft/index.ts";
import { createDirectory, notWritable } from "../directories/index.ts";
import { CommitFile, syncDirectory } from "./commit-file.ts";
import { type CommitRecord, decodeCommitRecord, emptyRecord, encodeCommitRecord } from "./commit-record.ts";
import { Connection } from "./connection.ts";
import { asPersisterError, damaged, isLocked } from "./damage.ts";
import type { SqliteDatabase } from "./database.ts";
import { checkIdentity, type Identity } from "./identity.ts";
import { assertNotOutdated, decodeLabel, type Label } from "./label.ts";
import { readLog } from "./log-table.ts";
import {
  checkTables,
  commitRecordId,
  createTables,
  type DatabaseKind,
  identityId,
  kindOf,
  labelId,
  readRecord,
  writeLabel,
} from "./schema.ts";
import { checkSnapshot, snapshotIds } from "./snapshot-table.ts";
import { Store } from "./store.ts";

/** An open store, and its contents when it was opened. */
export interface OpenedStore {
  readonly store: Store;
  readonly record: CommitRecord;
  readonly entries: readonly LogEntry[];
  /** Its count includes this start. */
  readonly label: Label;
}

/**
 * Opens and locks a database, checks its contents, and makes sure that they are durable.
 *
 * @throws PersisterError `locked`, `mismatch` or `corrupt`; Error if the device or the runtime fails
 */
export async function openStore(
  file: string,
  identity: Identity,
  open: (file: string) => Promise<SqliteDatabase>,
): Promise<OpenedStore> {
  await makeDirectory(dirname(resolve(file)));
  if (!existsSync(file) && existsSync(`${file}-commit`)) {
    throw damaged(file, `the file is missing, although ${file}-commit belongs to it`);
  }
  for (let attempt = 1; ; attempt++) {
    try {
      return openOnce(file, identity, await open(file));
    } catch (error) {
      if (!isLocked(error)) throw writeRefusal(file) ?? asPersisterError(file, error);
      if (attempt === lockAttempts) throw asPersisterError(file, error);
      // Random, because two that open the same file at the same time may lock each other out.
      await setTimeout(Math.random() * lockPauseMs);
    }
  }
}

const lockAttempts = 5;
const lockPauseMs = 50;

function openOnce(file: string, identity: Identity, database: SqliteDatabase): OpenedStore {
  const connection = new Connection(database);
  const hadWal = existsSync(`${file}-wal`);
  try {
    return openLocked(file, identity, connection);
  } catch (error) {
    if (hadWal) closeAsFound(file, connection);
    else connection.close();
    throw error;
  }
}

/** Keeps the write-ahead log: SQLite deletes it on close, even if it could read only its beginning. */
function closeAsFound(file: string, connection: Connection): void {
  const [wal, kept] = [`${file}-wal`, `${file}-wal-kept`];
  if (existsSync(wal) && !existsSync(kept)) linkSync(wal, kept);
  connection.close();
  if (existsSync(kept)) renameSync(kept, wal);
}

function openLocked(file: string, identity: Identity, connection: Connection): OpenedStore {
  connection.exec("PRAGMA locking_mode = EXCLUSIVE");
  const commitPath = `${file}-commit`;
  const kind = kindOf(connection, file);
  assertKind(kind, file, existsSync(commitPath));
  claim(connection);
  if (kind === "new") {
    createTables(connection, identity);
    makeDurable(connection, file);
  }
  checkTables(connection);
  checkIdentity(file, readRecord(connection, identityId), identity);
  assertNotOutdated(file);
  const found = decodeLabel(readRecord(connection, labelId));
  const record = decodeCommitRecord(readRecord(connection, commitRecordId));
  if (record === undefined) throw new RangeError("its commit record has changed");
  const entries = readLog(connection, record);
  if (record.snapshot) checkSnapshot(connection, record.snapshot);
  const commits = openCommitFile(file, commitPath, record);
  try {
    const label = { ...found, starts: found.starts + 1 };
    countStart(connection, label);
    makeDurable(connection, file);
    commits.settle(record);
    const store = new Store({
      file,
      connection,
      commits,
      record,
      label,
      snapshotIds: snapshotIds(connection),
    });
    return { store, record, entries, label };
  } catch (error) {
    commits.close();
    throw error;
  }
}

/** @throws RangeError if SQLite takes the database for read-only, because the header says so, too */
function countStart(connection: Connection, label: Label): void {
  try {
    writeLabel(connection, label);
  } catch (cause) {
    const isReadOnly = cause instanceof Error && /readonly/.test(cause.message);
    throw isReadOnly ? new RangeError("its header says that it is read-only", { cause }) : cause;
  }
}

/** A database that lost what the commit file records must not pass for a new one, or for another program's. */
function assertKind(kind: DatabaseKind, file: string, hasCommitFile: boolean): void {
  if (kind === "ours") return;
  if (hasCommitFile) throw damaged(file, `its header has changed, because ${file}-commit belongs to it`);
  if (kind === "foreign") throw new PersisterError("mismatch", `${file} is a database of another program`);
}

/** Locks the file until the connection ends, and makes commits durable. */
function claim(connection: Connection): void {
  // EXTRA: makes the deletion of the rollback journal durable before anything else is written.
  connection.exec("PRAGMA synchronous = EXTRA");
  connection.exec("PRAGMA fullfsync = ON");
  connection.exec("PRAGMA checkpoint_fullfsync = ON");
  const { journal_mode: mode } = connection.first("PRAGMA journal_mode = WAL") ?? {};
  if (mode !== "wal")
    throw new Error(`the file system does not support a write-ahead log, only the journal mode ${mode}`);
  connection.exec(`PRAGMA wal_autocheckpoint = ${checkpointPages}`);
  connection.transaction(() => {});
}

/** Pages of 4 KiB. Small, because a checkpoint delays a write. */
const checkpointPages = 256;

/**
 * Writes the contents of the write-ahead log into the database again, with a sync. An earlier process may have ended
 * before its sync, or its sync may have failed unnoticed. Nothing read earlier may be relied on before this.
 */
function makeDurable(connection: Connection, file: string): void {
  const { busy } = connection.first("PRAGMA wal_checkpoint(TRUNCATE)") ?? {};
  if (busy !== 0) throw new Error("the write-ahead log can't be moved into the database");
  syncDirectory(dirname(resolve(file)));
}

/** @throws PersisterError `corrupt` if the database holds less than was acknowledged */
function openCommitFile(file: string, path: string, record: CommitRecord): CommitFile {
  const commits = CommitFile.open(path);
  if (commits === "damaged") throw damaged(path, "neither of its two records is whole");
  if (commits === undefined) {
    if (record.sequence === emptyRecord.sequence) return CommitFile.create(path, record);
    throw damaged(path, `the file is missing, although transaction ${record.sequence} was acknowledged`);
  }
  try {
    checkAgainst(commits.newest, file, path, record);
    return commits;
  } catch (error) {
    commits.close();
    throw error;
  }
}

function checkAgainst(newest: CommitRecord, file: string, path: string, record: CommitRecord): void {
  if (record.sequence < newest.sequence) {
    throw damaged(
      file,
      `it ends with ${describe(record)}, but ${path} says that ${describe(newest)} was acknowledged`,
    );
  }
  if (record.sequence === newest.sequence && !isSame(record, newest)) {
    throw damaged(file, `${describe(record)} differs from the one that was acknowledged under this number`);
  }
  if (record.sequence > newest.sequence + largestLead) {
    throw damaged(path, `it ends with ${describe(newest)}, but the database with ${describe(record)}`);
  }
}

/** One transaction that was never acknowledged, and one damaged slot of the commit file. */
const largestLead = 2;

function describe({ sequence, end, hardState }: CommitRecord): string {
  return `transaction ${sequence} (last index ${end.index}, term ${hardState.currentTerm})`;
}

function isSame(one: CommitRecord, other: CommitRecord): boolean {
  const [bytes, others] = [encodeCommitRecord(one), encodeCommitRecord(other)];
  return bytes.length === others.length && bytes.every((byte, at) => byte === others[at]);
}

/** Creates a directory and its parents durably: a directory whose name is not durable in its parent is lost. */
async function makeDirectory(path: string): Promise<void> {
  const firstCreated = await createDirectory(path);
  if (firstCreated === undefined) return;
  const top = dirname(firstCreated);
  for (let parent = dirname(path); parent.length >= top.length; parent = dirname(parent)) {
    syncDirectory(parent);
    if (parent === top) return;
  }
}

/** SQLite reports a file that may not be written only as one that cannot be opened, or whose header has changed. */
function writeRefusal(file: string): PersisterError | undefined {
  const probe = `${file}-writable`;
  try {
    closeSync(openSync(probe, "w"));
    unlinkSync(probe);
    if (existsSync(file)) closeSync(openSync(file, "r+"));
    return undefined;
  } catch (error) {
    return notWritable(dirname(resolve(file)), error);
  }
}
