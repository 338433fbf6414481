import { PersisterError } from "../../src/ports/index.ts";

/** @param problem what is wrong, as the second half of a sentence */
export function damaged(file: string, problem: string, cause?: unknown): PersisterError {
  return new PersisterError(
    "corrupt",
    `${file} is damaged: ${problem}. The missing data may have been acknowledged, so the replica does not start. ` +
      "Don't restore a copy or a backup: what this replica has acknowledged since would be lost. " +
      "Keep the files unchanged; the other replicas continue without it",
    { cause },
  );
}

/** Translates those errors of SQLite that mean that the file is in use or damaged. Returns all others unchanged. */
export function asPersisterError(file: string, error: unknown): unknown {
  if (error instanceof PersisterError || !(error instanceof Error)) return error;
  if (isLocked(error)) {
    return new PersisterError("locked", `${file} is in use by another process`, { cause: error });
  }
  return error instanceof RangeError || damageMessages.test(error.message)
    ? damaged(file, error.message, error)
    : error;
}

export function isLocked(error: unknown): boolean {
  return error instanceof Error && /database (table )?is locked/.test(error.message);
}

const damageMessages = /malformed|not a database|no such (table|column)|unsupported file format/;
