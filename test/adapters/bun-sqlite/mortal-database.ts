import type { SqliteDatabase, SqliteStatement, SqliteValue } from "../../../adapters/bun-sqlite/index.ts";

/** A database whose process can die under it, and whose device can fail. */
export class MortalDatabase implements SqliteDatabase {
  readonly #database: SqliteDatabase;
  readonly #statements = new Set<SqliteStatement>();
  /** Called before each change; may throw. */
  readonly #beforeChange: () => void;
  #isDead = false;

  constructor(database: SqliteDatabase, beforeChange: () => void) {
    this.#database = database;
    this.#beforeChange = beforeChange;
  }

  exec(sql: string): void {
    this.#assertAlive();
    this.#database.exec(sql);
  }

  prepare(sql: string): SqliteStatement {
    this.#assertAlive();
    const statement = this.#database.prepare(sql);
    this.#statements.add(statement);
    const whileAlive =
      <T>(call: (...values: SqliteValue[]) => T) =>
      (...values: SqliteValue[]): T => {
        this.#assertAlive();
        return call(...values);
      };
    return {
      run: whileAlive((...values) => {
        this.#beforeChange();
        return statement.run(...values);
      }),
      get: whileAlive((...values) => statement.get(...values)),
      all: whileAlive((...values) => statement.all(...values)),
    };
  }

  close(): void {
    if (!this.#isDead) this.kill();
  }

  /** Stops writing and releases the file, like the end of a process. */
  kill(): void {
    if (this.#isDead) return;
    this.#isDead = true;
    for (const statement of this.#statements) statement.finalize?.();
    this.#database.close();
  }

  #assertAlive(): void {
    if (this.#isDead) throw new Error("its process is dead");
  }
}
