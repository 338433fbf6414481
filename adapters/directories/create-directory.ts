import { mkdir, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { PersisterError } from "../../src/ports/index.ts";
import { notWritable } from "./not-writable.ts";

/**
 * Creates a directory and its missing parents.
 *
 * Creates them one by one instead of with `recursive`: below a directory that accepts none, such as `/proc`, Node would
 * try forever.
 *
 * @returns the topmost directory that was missing, or undefined if none was
 * @throws PersisterError `failed` if the file system does not accept directories or the process may not write; other
 * errors of the system unchanged
 */
export async function createDirectory(path: string): Promise<string | undefined> {
  const directory = resolve(path);
  if (await isDirectory(directory)) return undefined;
  const parent = dirname(directory);
  const topmost = await createDirectory(parent);
  try {
    await mkdir(directory);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    // Another process may have created it in the meantime.
    if (code === "EEXIST" && (await isDirectory(directory))) return topmost;
    const reason =
      code === "EEXIST" || code === "ENOTDIR"
        ? "a file has its name"
        : code === "ENOENT" && (await isDirectory(parent))
          ? `the file system of ${parent} does not allow new directories`
          : undefined;
    if (reason === undefined) throw notWritable(directory, cause) ?? cause;
    const message = `${directory} can't be created, because ${reason}: choose another directory`;
    throw new PersisterError("failed", message, { cause });
  }
  return topmost ?? directory;
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
