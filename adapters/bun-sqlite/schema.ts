import { PersisterError } from "../../src/ports/index.ts";
import { emptyRecord, encodeCommitRecord } from "./commit-record.ts";
import type { Connection } from "./connection.ts";
import type { SqliteValue } from "./database.ts";
import { encodeIdentity, type Identity } from "./identity.ts";
import { encodeLabel, type Label, newLabel } from "./label.ts";

/** "RUFT": marks our databases among those of other programs. */
const applicationId = 0x52554654;
/** Increases when a release cannot read what an older one wrote. */
const formatVersion = 5;

/**
 * The tables with their statements. `records` contains the identity, the newest commit record and the label. No table
 * has an index, so `integrity_check` compares nothing twice and an index cannot hide a row.
 *
 * SQLite does not detect a changed bit in a value. So each row of `log` has a checksum of itself and all earlier rows,
 * and each row of `chunks` has one of itself. The commit record contains those of the last entry and of the whole
 * snapshot.
 */
const tables: Readonly<Record<string, string>> = {
  records: "CREATE TABLE records (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL)",
  log:
    'CREATE TABLE log ("index" INTEGER PRIMARY KEY, term INTEGER NOT NULL, type INTEGER NOT NULL, ' +
    "data BLOB NOT NULL, chain INTEGER NOT NULL)",
  chunks:
    "CREATE TABLE chunks (snapshot INTEGER NOT NULL, start INTEGER NOT NULL, data BLOB NOT NULL, " +
    "crc INTEGER NOT NULL, PRIMARY KEY (snapshot, start)) WITHOUT ROWID",
};

export const identityId = 1;
export const commitRecordId = 2;
export const labelId = 3;

export type DatabaseKind = "new" | "ours" | "foreign";

/**
 * Determines whose database a file is, without changing it.
 *
 * @throws PersisterError `mismatch` if it has the format of another release
 */
export function kindOf(connection: Connection, file: string): DatabaseKind {
  const [version, application] = [pragma(connection, "user_version"), pragma(connection, "application_id")];
  const isEmpty = connection.first("SELECT 1 FROM sqlite_schema") === undefined;
  if (isEmpty && version === 0 && application === 0) return "new";
  if (application !== applicationId) return "foreign";
  if (version !== formatVersion) {
    const writer = Number(version) < formatVersion ? "an earlier build of version 0.1" : "a later version";
    throw new PersisterError(
      "mismatch",
      `${file} was written by ${writer}, in format ${version}; this version reads only format ${formatVersion}: ` +
        "use the version that wrote it, or start with an empty directory",
    );
  }
  return "ours";
}

export function createTables(connection: Connection, identity: Identity): void {
  connection.transaction(() => {
    for (const statement of Object.values(tables)) connection.exec(statement);
    connection.run("INSERT INTO records VALUES (?, ?)", identityId, encodeIdentity(identity));
    connection.run("INSERT INTO records VALUES (?, ?)", commitRecordId, encodeCommitRecord(emptyRecord));
    connection.run("INSERT INTO records VALUES (?, ?)", labelId, encodeLabel(newLabel()));
    connection.exec(`PRAGMA application_id = ${applicationId}`);
    connection.exec(`PRAGMA user_version = ${formatVersion}`);
  });
}

/** @throws RangeError if SQLite finds damage, or if the tables differ from those that were created */
export function checkTables(connection: Connection): void {
  const verdict = pragma(connection, "integrity_check(1)");
  if (verdict !== "ok") throw new RangeError(`SQLite's integrity_check says: ${verdict}`);
  for (const [setting, wanted] of [
    ["auto_vacuum", 0],
    ["encoding", "UTF-8"],
  ] as const) {
    const found = pragma(connection, setting);
    if (found !== wanted) throw new RangeError(`its ${setting} is ${found}, not ${wanted}`);
  }
  const found = connection.all("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY rowid");
  const wanted = Object.entries(tables).map(([name, sql]) => ({ type: "table", name, tbl_name: name, sql }));
  const isSame =
    found.length === wanted.length &&
    wanted.every((row, at) => Object.entries(row).every(([column, value]) => found[at]?.[column] === value));
  if (!isSame) throw new RangeError("its tables have changed");
}

/** @throws RangeError if the record is missing */
export function readRecord(connection: Connection, id: number): Uint8Array {
  const { bytes } = connection.first("SELECT bytes FROM records WHERE id = ?", id) ?? {};
  if (!(bytes instanceof Uint8Array)) throw new RangeError(`its record ${id} is missing`);
  return bytes;
}

/** Replaces the label durably. */
export function writeLabel(connection: Connection, label: Label): void {
  connection.transaction(() => {
    connection.run("UPDATE records SET bytes = ? WHERE id = ?", encodeLabel(label), labelId);
  });
}

export function pragma(connection: Connection, name: string): SqliteValue | undefined {
  return Object.values(connection.first(`PRAGMA ${name}`) ?? {})[0];
}
