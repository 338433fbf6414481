/**
 * A persister in one SQLite database, for Bun, Deno, and Node from 22.13.
 *
 * @module
 */
export type { SqliteDatabase, SqliteStatement, SqliteValue } from "./database.ts";
export { openSqlite } from "./database.ts";
export { type SqlitePersisterOptions, sqlitePersister } from "./sqlite-persister.ts";
