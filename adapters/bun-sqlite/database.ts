import { PersisterError } from "../../src/ports/index.ts";

/** What a column holds. */
export type SqliteValue = number | string | Uint8Array | null;

export type SqliteRow = Readonly<Record<string, SqliteValue>>;

export interface SqliteStatement {
  run(...values: SqliteValue[]): unknown;
  /** The first row. */
  get(...values: SqliteValue[]): unknown;
  all(...values: SqliteValue[]): unknown;
  /** Where a runtime keeps a closed database open until its statements are gone. */
  finalize?(): void;
}

/** What `bun:sqlite` and `node:sqlite` have in common. All of it blocks. */
export interface SqliteDatabase {
  /** Runs statements that have no values and give no rows. */
  exec(sql: string): unknown;
  prepare(sql: string): SqliteStatement;
  close(): void;
}

/**
 * Opens a database, and makes it if it is missing, with what the runtime has: `bun:sqlite` on Bun, `node:sqlite`
 * on Deno and on Node from 22.13 on.
 *
 * @throws Error if the runtime has neither, or the file can't be opened
 */
export async function openSqlite(file: string): Promise<SqliteDatabase> {
  if ("Bun" in globalThis) {
    const { Database } = await import("bun:sqlite");
    return new Database(file, { create: true, readwrite: true });
  }
  const { DatabaseSync } = await nodeSqlite();
  return new DatabaseSync(file);
}

interface NodeSqlite {
  readonly DatabaseSync: new (file: string) => SqliteDatabase;
}

async function nodeSqlite(): Promise<NodeSqlite> {
  // Named so that type checkers and bundlers for older releases of Node do not look for it.
  const name = "node:sqlite";
  try {
    return await import(name);
  } catch (cause) {
    const message = "this runtime has no SQLite: it takes Bun, Deno, or Node 22.13 or later";
    throw new PersisterError("failed", message, { cause });
  }
}
