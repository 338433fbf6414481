import { PersisterError } from "../../src/ports/index.ts";

/** Returns the error to throw if a system error means that the replica may not write, otherwise undefined. */
export function notWritable(path: string, cause: unknown): PersisterError | undefined {
  if (!(cause instanceof Error && "code" in cause)) return undefined;
  if (cause.code !== "EACCES" && cause.code !== "EPERM" && cause.code !== "EROFS") return undefined;
  const message = `the replica may not write ${path}: ${cause.message}. Give it write permission, or choose another directory`;
  return new PersisterError("failed", message, { cause });
}
