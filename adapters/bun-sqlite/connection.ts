import { PersisterError } from "../../src/ports/index.ts";
import type { SqliteDatabase, SqliteRow, SqliteStatement, SqliteValue } from "./database.ts";

/** A database with its transactions, and with statements that are prepared once. */
export class Connection {
  readonly #database: SqliteDatabase;
  readonly #statements = new Map<string, SqliteStatement>();

  constructor(database: SqliteDatabase) {
    this.#database = database;
  }

  exec(sql: string): void {
    this.#database.exec(sql);
  }

  run(sql: string, ...values: SqliteValue[]): void {
    this.#statement(sql).run(...values);
  }

  first(sql: string, ...values: SqliteValue[]): SqliteRow | undefined {
    return (this.#statement(sql).get(...values) as SqliteRow | null | undefined) ?? undefined;
  }

  all(sql: string, ...values: SqliteValue[]): readonly SqliteRow[] {
    return this.#statement(sql).all(...values) as readonly SqliteRow[];
  }

  /**
   * Runs `work` as one transaction: afterwards all of it is durable, or nothing has changed.
   *
   * @throws PersisterError `full` if there is no space
   */
  transaction<T>(work: () => T): T {
    this.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.exec("COMMIT");
      return result;
    } catch (error) {
      this.#rollBack();
      throw asShortage(error);
    }
  }

  close(): void {
    for (const statement of this.#statements.values()) statement.finalize?.();
    this.#statements.clear();
    this.#database.close();
  }

  #rollBack(): void {
    try {
      this.exec("ROLLBACK");
    } catch {
      // SQLite has rolled back itself, or the database is gone. Uncommitted changes are lost in both cases.
    }
  }

  #statement(sql: string): SqliteStatement {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

/** SQLite reports this only before a transaction is complete. Lack of space during its sync is another error. */
function asShortage(error: unknown): unknown {
  return error instanceof Error && /database or disk is full/.test(error.message)
    ? new PersisterError("full", "the disk is full: nothing was written", { cause: error })
    : error;
}
