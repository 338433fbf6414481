import { PersisterError } from "../../src/ports/index.ts";
import type { ReplicaId } from "../../src/raft/index.ts";
import type { Connection } from "./connection.ts";

/** Whose data a database holds. */
export interface Identity {
  readonly clusterId: string;
  readonly replicaId: ReplicaId;
  /** All voters of the cluster: what was promised among some says nothing among others. Not checked where not given. */
  readonly voters?: readonly ReplicaId[] | undefined;
}

/** "RUFT", so that a database of somebody else's is told from ours. */
const applicationId = 0x52554654;
/** Rises when a release can't read what an older one wrote. */
const schemaVersion = 1;

/**
 * The log goes on from `log_start`: the position before its first entry. A snapshot without a size is not committed.
 * SQLite does not notice a bit that changes in a value, so each row that matters has a CRC32C over its values.
 */
const tables = `
  CREATE TABLE replica (cluster_id TEXT NOT NULL, replica_id TEXT NOT NULL, voters TEXT);
  CREATE TABLE hard_state (
    one INTEGER PRIMARY KEY CHECK (one = 1), term INTEGER NOT NULL, voted_for TEXT, relied_on TEXT NOT NULL, crc INTEGER NOT NULL
  );
  CREATE TABLE log_start ("index" INTEGER NOT NULL, term INTEGER NOT NULL);
  CREATE TABLE log (
    "index" INTEGER PRIMARY KEY, term INTEGER NOT NULL, type TEXT NOT NULL, data BLOB NOT NULL, crc INTEGER NOT NULL
  );
  CREATE TABLE snapshots (
    id INTEGER PRIMARY KEY AUTOINCREMENT, last_index INTEGER NOT NULL, last_term INTEGER NOT NULL, size INTEGER
  );
  CREATE TABLE chunks (
    snapshot INTEGER NOT NULL, start INTEGER NOT NULL, data BLOB NOT NULL, crc INTEGER NOT NULL,
    PRIMARY KEY (snapshot, start)
  );
  INSERT INTO log_start VALUES (0, 0);
`;

/**
 * Whether a database is new. Nothing is changed.
 *
 * @throws PersisterError `mismatch` where it is another program's, or of another release's format
 */
export function isNew(connection: Connection, file: string): boolean {
  const [version, application] = [pragma(connection, "user_version"), pragma(connection, "application_id")];
  if (version === 0 && application === 0 && pragma(connection, "schema_version") === 0) return true;
  if (application !== applicationId) {
    throw new PersisterError("mismatch", `${file} is a database of another program`);
  }
  if (version !== schemaVersion) {
    throw new PersisterError(
      "mismatch",
      `${file} has format ${version}, this release reads ${schemaVersion}`,
    );
  }
  return false;
}

/** Makes the tables. */
export function createTables(connection: Connection, { clusterId, replicaId, voters }: Identity): void {
  connection.transaction(() => {
    connection.exec(tables);
    connection.run("INSERT INTO replica VALUES (?, ?, ?)", clusterId, replicaId, listOf(voters) ?? null);
    connection.exec(`PRAGMA application_id = ${applicationId}`);
    connection.exec(`PRAGMA user_version = ${schemaVersion}`);
  });
}

/** @throws PersisterError `mismatch` where the data are another replica's, `corrupt` where they are damaged */
export function checkTables(connection: Connection, file: string, wanted: Identity): void {
  checkWhole(connection, file);
  checkIdentity(connection, file, wanted);
}

function checkWhole(connection: Connection, file: string): void {
  const [found = {}] = connection.all("PRAGMA quick_check(1)");
  const [verdict] = Object.values(found);
  if (verdict === "ok") return;
  throw corrupt(file, `SQLite's quick_check says: ${verdict}`);
}

function checkIdentity(connection: Connection, file: string, wanted: Identity): void {
  const found = connection.first("SELECT * FROM replica");
  if (found === undefined) throw corrupt(file, "it names no replica");
  if (found.cluster_id !== wanted.clusterId || found.replica_id !== wanted.replicaId) {
    throw new PersisterError(
      "mismatch",
      `${file} belongs to replica ${found.replica_id} of cluster ${found.cluster_id}, ` +
        `not to replica ${wanted.replicaId} of cluster ${wanted.clusterId}`,
    );
  }
  const voters = listOf(wanted.voters);
  if (voters !== undefined && found.voters !== null && found.voters !== voters) {
    throw new PersisterError(
      "mismatch",
      `${file} belongs to a cluster of the voters ${found.voters}, not of ${voters}: ` +
        "start the replica with those, or with another file",
    );
  }
}

export function corrupt(file: string, problem: string, cause?: unknown): PersisterError {
  return new PersisterError(
    "corrupt",
    `${file} is damaged: ${problem}. What it held may have been acknowledged, so the replica does not start. ` +
      "Don't put a copy or a backup in its place: what this replica has acknowledged since would be lost. " +
      "The others go on without it",
    { cause },
  );
}

function listOf(voters: readonly ReplicaId[] | undefined): string | undefined {
  return voters && [...voters].sort().join(" ");
}

function pragma(connection: Connection, name: string): unknown {
  return Object.values(connection.first(`PRAGMA ${name}`) ?? {})[0];
}
