import { PersisterError } from "../../src/ports/index.ts";

/** The value of a column. */
export type SqliteValue = number | string | Uint8Array | null;

export type SqliteRow = Readonly<Record<string, SqliteValue>>;

/** A prepared statement. Its values are bound by position. */
export interface SqliteStatement {
  /** Executes the statement. */
  run(...values: SqliteValue[]): unknown;
  /** Returns the first row. */
  get(...values: SqliteValue[]): unknown;
  /** Returns all rows. */
  all(...values: SqliteValue[]): unknown;
  /** Needed if a runtime keeps a closed database open while it has statements. */
  finalize?(): void;
}

/** The common part of `bun:sqlite` and `node:sqlite`. All calls block. */
export interface SqliteDatabase {
  /** Runs statements without values and rows. */
  exec(sql: string): unknown;
  /** Compiles one statement. */
  prepare(sql: string): SqliteStatement;
  /** Closes the file. */
  close(): void;
}

/**
 * Opens or creates a database with the runtime's library: `bun:sqlite` on Bun, `node:sqlite` on Deno and on Node from
 * 22.13.
 *
 * @param file the path; created if missing
 * @throws Error if the runtime has neither, or the file cannot be opened
 * @example
 * ```ts
 * import { mkdtemp, rm } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { openSqlite } from "ruaft/adapters/bun-sqlite";
 *
 * const directory = await mkdtemp(join(tmpdir(), "example-"));
 * const database = await openSqlite(join(directory, "some.db"));
 * database.exec("CREATE TABLE pairs (name TEXT, value INTEGER)");
 * database.prepare("INSERT INTO pairs VALUES (?, ?)").run("a", 7);
 * console.log(database.prepare("SELECT * FROM pairs").get()); // { name: 'a', value: 7 }
 * database.close();
 * await rm(directory, { recursive: true });
 * ```
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
  // A variable, so that type checkers and bundlers for older releases of Node do not resolve it.
  const name = "node:sqlite";
  try {
    return await import(name);
  } catch (cause) {
    const message = "this runtime has no SQLite: use Bun, Deno, or Node 22.13 or later";
    throw new PersisterError("failed", message, { cause });
  }
}
