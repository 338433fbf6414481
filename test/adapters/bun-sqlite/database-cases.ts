import { openSqlite, type SqliteDatabase } from "../../../adapters/bun-sqlite/index.ts";
import { type Persister, PersisterError } from "../../../src/ports/index.ts";
import type { ConformanceCase, PersisterFixture } from "../../../src/testing/index.ts";

/** A SQLite persister's storage, which can be changed by others while nobody uses it. */
export interface DatabaseFixture extends PersisterFixture {
  readonly file: string;
  /** Those that are open, the latest last. */
  readonly databases: ReadonlySet<SqliteDatabase>;
}

const data = Uint8Array.of(1, 2, 3);

/** What only a persister that keeps its state in a database has to do. They run wherever there is SQLite. */
export const databaseCases: readonly ConformanceCase<DatabaseFixture>[] = [
  ...(
    [
      ["the term", "UPDATE hard_state SET term = 4"],
      ["the vote", "UPDATE hard_state SET voted_for = 'n3'"],
      ["the peers that are relied on", "UPDATE hard_state SET relied_on = 'n2'"],
      ["the term of an entry", 'UPDATE log SET term = 2 WHERE "index" = 3'],
      ["the type of an entry", "UPDATE log SET type = 'noop' WHERE \"index\" = 3"],
      ["the data of an entry", "UPDATE log SET data = x'010204' WHERE \"index\" = 3"],
      ["an entry that is gone", 'DELETE FROM log WHERE "index" = 3'],
      ["a chunk of the snapshot", "UPDATE chunks SET data = x'010204' WHERE start = 3"],
      ["a chunk that is gone", "DELETE FROM chunks WHERE start = 0"],
      ["the name of the replica, which is gone", "DELETE FROM replica"],
      ["a table that is gone", "DROP TABLE log"],
    ] as const
  ).map(
    ([what, sql]): ConformanceCase<DatabaseFixture> => ({
      name: `what is not as it was written is found at the start: ${what}`,
      async run(fixture) {
        await fill(fixture);
        await change(fixture, sql);
        await assertRefused(fixture.open(), "corrupt", fixture.file);
      },
    }),
  ),
  {
    name: "a database of another program is refused, and left as it is",
    async run(fixture) {
      await change(fixture, "CREATE TABLE recipes (name TEXT)");
      await assertRefused(fixture.open(), "mismatch", "another program");
      const database = await openSqlite(fixture.file);
      const { journal_mode: mode } = database.prepare("PRAGMA journal_mode").get() as {
        journal_mode: string;
      };
      database.close();
      if (mode !== "delete") throw new Error(`its journal is ${mode} now`);
    },
  },
  {
    name: "a database of a later format is refused, and both formats are named",
    async run(fixture) {
      await fill(fixture);
      await change(fixture, "PRAGMA user_version = 7");
      await assertRefused(fixture.open(), "mismatch", "has format 7, this release reads 1");
    },
  },
  {
    name: "a file that is no database is refused",
    async run(fixture) {
      await fill(fixture);
      const { writeFile } = await import("node:fs/promises");
      await writeFile(fixture.file, "hardly a database, but long enough to be looked at as one".repeat(40));
      await assertRefused(fixture.open(), "corrupt", fixture.file);
    },
  },
  {
    name: "each commit is synced: the write-ahead log is in use, and synchronous is FULL",
    async run(fixture) {
      const settings: unknown[] = [];
      const persister = fixture.open();
      await persister.load();
      const database = [...fixture.databases].at(-1);
      for (const name of ["journal_mode", "synchronous", "locking_mode"]) {
        settings.push(Object.values(database?.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
      }
      if (settings.join() !== "wal,2,exclusive") throw new Error(`the settings are ${settings.join()}`);
    },
  },
];

async function fill(fixture: PersisterFixture): Promise<void> {
  const persister = fixture.open();
  await persister.load();
  await persister.write({
    hardState: { currentTerm: 3, votedFor: undefined, reliedOn: [] },
    entries: [1, 2, 3, 4].map((index) => ({ type: "command", index, term: 3, data })),
  });
  const sink = await persister.createSnapshot({ lastIncludedIndex: 1, lastIncludedTerm: 3 });
  for (let chunk = 0; chunk < 3; chunk++) await sink.write(data);
  await sink.commit();
  await persister[Symbol.asyncDispose]();
}

async function change({ file }: DatabaseFixture, sql: string): Promise<void> {
  const database: SqliteDatabase = await openSqlite(file);
  database.exec(sql);
  database.close();
}

async function assertRefused(persister: Persister, reason: string, named: string): Promise<void> {
  const error: unknown = await persister.load().then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(error instanceof PersisterError) || error.reason !== reason || !error.message.includes(named)) {
    throw new Error(`it should be refused as ${reason}, naming ${named}, not: ${String(error)}`);
  }
}
