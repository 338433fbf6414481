import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { PersisterError } from "../../src/ports/index.ts";
import type { PersistedState } from "../../src/raft/index.ts";
import type { LogOutline } from "../rules/index.ts";
import { Connection } from "./connection.ts";
import type { SqliteDatabase } from "./database.ts";
import { readHardState, readLog } from "./rows.ts";
import { checkTables, corrupt, createTables, type Identity, isNew } from "./schema.ts";
import { newestSnapshot, readChunks, type StoredSnapshot } from "./snapshot-table.ts";

/** A database that this process holds, and what it held when it was opened. */
export interface OpenedDatabase {
  readonly connection: Connection;
  readonly state: PersistedState;
  readonly outline: LogOutline;
  readonly snapshot: StoredSnapshot | undefined;
}

const checkBytes = 1024 * 1024;

/** @throws PersisterError `locked`, `mismatch` or `corrupt`; Error where the device or the runtime refuses */
export async function openDatabase(
  file: string,
  identity: Identity,
  open: (file: string) => Promise<SqliteDatabase>,
): Promise<OpenedDatabase> {
  await mkdir(dirname(file), { recursive: true });
  const connection = new Connection(await open(file));
  try {
    connection.exec("PRAGMA locking_mode = EXCLUSIVE");
    const isNewOne = isNew(connection, file);
    claim(connection);
    if (isNewOne) createTables(connection, identity);
    else checkTables(connection, file, identity);
    return read(connection);
  } catch (error) {
    connection.close();
    throw asPersisterError(file, error);
  }
}

/** Locks the file until the connection ends, and says what durable means: a commit returns after the sync. */
function claim(connection: Connection): void {
  const { journal_mode: mode } = connection.first("PRAGMA journal_mode = WAL") ?? {};
  if (mode !== "wal") throw new Error(`the file system does not do for a write-ahead log, only for ${mode}`);
  connection.exec("PRAGMA synchronous = FULL");
  connection.transaction(() => {});
}

function read(connection: Connection): OpenedDatabase {
  const snapshot = newestSnapshot(connection);
  const log = readLog(connection);
  if (snapshot) {
    for (let start = 0; start < snapshot.size; start += checkBytes) {
      readChunks(connection, snapshot.id, start, Math.min(start + checkBytes, snapshot.size));
    }
    log.cover(snapshot.meta);
  }
  const { outline, entries } = log;
  const { index: prevLogIndex, term: prevLogTerm } = outline.prev;
  const hardState = readHardState(connection);
  const state = { hardState, snapshot: snapshot?.meta, prevLogIndex, prevLogTerm, entries };
  return { connection, state, outline, snapshot };
}

function asPersisterError(file: string, error: unknown): unknown {
  if (error instanceof PersisterError || !(error instanceof Error)) return error;
  if (/database is locked/.test(error.message)) {
    return new PersisterError("locked", `${file} is in use by another process`, { cause: error });
  }
  const isDamage =
    error instanceof RangeError || /malformed|not a database|no such (table|column)/.test(error.message);
  return isDamage ? corrupt(file, error.message, error) : error;
}
