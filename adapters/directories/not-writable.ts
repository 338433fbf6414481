import { PersisterError } from "../../src/ports/index.ts";

/** The error to throw instead of one of the system if that says that the replica may not write; undefined otherwise. */
export function notWritable(path: string, cause: unknown): PersisterError | undefined {
  if (!(cause instanceof Error && "code" in cause)) return undefined;
  if (cause.code !== "EACCES" && cause.code !== "EPERM" && cause.code !== "EROFS") return undefined;
  const message = `the replica may not write ${path}: ${cause.message}. Give it the right to, or choose another directory`;
  return new PersisterError("failed", message, { cause });
}
