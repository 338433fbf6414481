export type { SqliteDatabase, SqliteStatement, SqliteValue } from "./database.ts";
export { openSqlite } from "./database.ts";
export { type SqlitePersisterOptions, sqlitePersister } from "./sqlite-persister.ts";
