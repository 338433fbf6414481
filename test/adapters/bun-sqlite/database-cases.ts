import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { openSqlite, type SqliteDatabase } from "../../../adapters/bun-sqlite/index.ts";
import { type Persister, PersisterError } from "../../../src/ports/index.ts";
import { assertEqual, assertRejects } from "../../../src/testing/assert.ts";
import type { ConformanceCase } from "../../../src/testing/conformance/conformance-case.ts";
import type { PersisterFixture } from "../../../src/testing/conformance/persister/index.ts";

/** A SQLite persister's storage, which can be changed by others while nobody uses it. */
export interface DatabaseFixture extends PersisterFixture {
  readonly file: string;
  /** The open ones, the latest last. */
  readonly databases: ReadonlySet<SqliteDatabase>;
}

const data = Uint8Array.of(1, 2, 3);

/** Cases for persisters with a database. They run on every runtime with SQLite. */
export const databaseCases: readonly ConformanceCase<DatabaseFixture>[] = [
  ...(
    [
      ["the commit record", "UPDATE records SET bytes = zeroblob(200) WHERE id = 2"],
      ["the commit record, which is gone", "DELETE FROM records WHERE id = 2"],
      ["the names of cluster and replica", "UPDATE records SET bytes = zeroblob(80) WHERE id = 1"],
      ["the names of cluster and replica, which are gone", "DELETE FROM records WHERE id = 1"],
      ["the term of an entry", 'UPDATE log SET term = 2 WHERE "index" = 3'],
      ["the type of an entry", 'UPDATE log SET type = 0 WHERE "index" = 3'],
      ["the data of an entry", "UPDATE log SET data = x'010204' WHERE \"index\" = 3"],
      ["an entry that is gone", 'DELETE FROM log WHERE "index" = 3'],
      ["the last entry, which is gone", 'DELETE FROM log WHERE "index" = 4'],
      ["all entries, which are gone", "DELETE FROM log"],
      ["an entry too many", 'INSERT INTO log SELECT 5, term, type, data, chain FROM log WHERE "index" = 4'],
      [
        "two entries that changed places",
        'UPDATE log SET "index" = "index" + 10 WHERE "index" > 2; UPDATE log SET "index" = 17 - "index" WHERE "index" > 10',
      ],
      ["a chunk of the snapshot", "UPDATE chunks SET data = x'010204' WHERE start = 3"],
      ["a chunk that is gone", "DELETE FROM chunks WHERE start = 0"],
      ["a table that is gone", "DROP TABLE log"],
      ["a table too many", "CREATE TABLE recipes (name TEXT)"],
      ["an index too many", "CREATE INDEX terms ON log (term)"],
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
      await assertRefused(
        fixture.open(),
        "mismatch",
        "was written by a later version, in format 7; this version reads only format 5",
      );
    },
  },
  {
    name: "a database of an earlier format is refused, and the version that wrote it is named",
    async run(fixture) {
      await change(fixture, "CREATE TABLE replica (cluster_id TEXT)");
      await change(fixture, `PRAGMA application_id = ${0x52554654}`);
      await change(fixture, "PRAGMA user_version = 4");
      await assertRefused(
        fixture.open(),
        "mismatch",
        "was written by an earlier build of version 0.1, in format 4; this version reads only format 5",
      );
    },
  },
  ...missingFiles(),
  {
    name: "a file that is no database is refused",
    async run(fixture) {
      await fill(fixture);
      await writeFile(fixture.file, "hardly a database, but long enough to be looked at as one".repeat(40));
      await assertRefused(fixture.open(), "corrupt", fixture.file);
    },
  },
  {
    name: "one flipped bit in the middle of the write-ahead log after a crash loses nothing silently (R1)",
    async run(fixture) {
      const { file } = fixture;
      const persister = fixture.open();
      await persister.load();
      for (let index = 1; index <= 60; index++) {
        await persister.write({ entries: [{ type: "command", index, term: 3, data }] });
      }
      const crashed = await Promise.all(["", "-wal", "-commit"].map((suffix) => readFile(file + suffix)));
      await persister[Symbol.asyncDispose]();
      const [database = data, wal = data, commits = data] = crashed;
      const middle = wal.length >> 1;
      wal[middle] = (wal[middle] ?? 0) ^ 1;
      await Promise.all([
        writeFile(file, database),
        writeFile(`${file}-wal`, wal),
        writeFile(`${file}-commit`, commits),
      ]);
      for (const _start of [1, 2]) {
        await assertRefused(fixture.open(), "corrupt", "says that transaction 60 (last index 60, term 0)");
      }
      assertEqual(new Uint8Array(await readFile(`${file}-wal`)), new Uint8Array(wal), "the write-ahead log");
    },
  },
  {
    name: "what a snapshot covers is deleted little by little, and a write comes between (S7)",
    async run(fixture) {
      const persister = fixture.open();
      await persister.load();
      const entries = Array.from({ length: 2000 }, (_, i) => ({ index: i + 1, data: new Uint8Array(5000) }));
      await persister.write({ entries: entries.map((one) => ({ type: "command", term: 3, ...one })) });
      const sink = await persister.createSnapshot({ lastIncludedIndex: 2000, lastIncludedTerm: 3 });
      const committed = sink.commit();
      await Promise.all([
        committed,
        persister.write({ entries: [{ type: "command", index: 2001, term: 3, data }] }),
      ]);
      const database = [...fixture.databases].at(-1);
      const rows = () => Object.values(database?.prepare("SELECT count(*) FROM log").get() ?? {})[0];
      if (Number(rows()) < 1000) throw new Error(`only ${rows()} rows are left when the write ends`);
      while (Number(rows()) > 1) await new Promise((resolve) => setImmediate(resolve));
    },
  },
  {
    name: "a full disk refuses a write and a snapshot, which may be made again once there is space",
    async run(fixture) {
      await fill(fixture);
      const persister = fixture.open();
      await persister.load();
      const database = [...fixture.databases].at(-1);
      const limit = (pages: number) => database?.prepare(`PRAGMA max_page_count = ${pages}`).get();
      const entry = { type: "command", index: 5, term: 3, data: new Uint8Array(100_000) } as const;
      limit(1);
      const meta = { lastIncludedIndex: 4, lastIncludedTerm: 3 };
      const sink = await persister.createSnapshot(meta);
      await assertFull(persister.write({ truncateFrom: 4, entries: [{ ...entry, index: 4 }] }));
      await assertFull(sink.write(entry.data));
      limit(10_000);
      await persister.write({ entries: [entry] });
      const second = await persister.createSnapshot(meta);
      await second.write(data);
      await second.commit();
      await fixture.crash();
      const state = await fixture.open().load();
      assertEqual([state.snapshot, state.entries], [meta, [entry]], "the state");
    },
  },
  {
    name: "a copy is marked as outdated before it counts the newer starts",
    async run(fixture) {
      const persister = fixture.open();
      await persister.load();
      const { use } = persister.identity();
      if (use === undefined || persister.retire === undefined) throw new Error("it counts no starts");
      fixture.failNextWrite(new Error("the power fails"));
      const retired = persister.retire("n2 knows a newer copy.", { ...use, starts: 9, boot: 1 });
      await assertRejects(retired, "a count that can't be written");
      await fixture.crash();
      await assertRefused(fixture.open(), "outdated", "n2 knows a newer copy.");
    },
  },
  {
    name: "each commit is synced: the write-ahead log is in use, and synchronous is EXTRA",
    async run(fixture) {
      const settings: unknown[] = [];
      const persister = fixture.open();
      await persister.load();
      const database = [...fixture.databases].at(-1);
      for (const name of ["journal_mode", "synchronous", "locking_mode"]) {
        settings.push(Object.values(database?.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
      }
      if (settings.join() !== "wal,3,exclusive") throw new Error(`the settings are ${settings.join()}`);
    },
  },
];

/** A database and its commit file confirm each other. */
function missingFiles(): ConformanceCase<DatabaseFixture>[] {
  const losses: readonly (readonly [string, string, (file: string) => Promise<void>])[] = [
    ["the database is gone", "the file is missing", (file) => rm(file)],
    ["the database is empty", "its header has changed", (file) => writeFile(file, "")],
    ["the commit file is gone", "the file is missing", (file) => rm(`${file}-commit`)],
    ["the commit file is empty", "neither of its two records", (file) => writeFile(`${file}-commit`, "")],
  ];
  return losses.map(([what, message, lose]) => ({
    name: `it is refused if ${what}, at every start, and nothing is created`,
    async run(fixture) {
      await fill(fixture);
      await lose(fixture.file);
      const before = await readdir(dirname(fixture.file));
      for (const _start of [1, 2]) await assertRefused(fixture.open(), "corrupt", message);
      assertEqual(await readdir(dirname(fixture.file)), before, "the files");
    },
  }));
}

async function fill(fixture: PersisterFixture): Promise<void> {
  const persister = fixture.open();
  await persister.load();
  await persister.write({
    hardState: { currentTerm: 3, votedFor: undefined, countedPeers: [] },
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

async function assertFull(call: Promise<unknown>): Promise<void> {
  const error = await assertRejects(call, "a write without space");
  if (error instanceof PersisterError && error.reason === "full") return;
  throw new Error(`it should be refused as full, not: ${String(error)}`);
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
