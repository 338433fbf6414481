import { constants } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import process from "node:process";

/** The largest file of secrets. A larger one is another file, named by mistake. */
const MAX_BYTES = 65_536;
const readByGroup = 0o040;
const changedByGroup = 0o020;
const usedByOthers = 0o007;
const root = 0;

/** Why a file can't be used, in a sentence that says what to do. */
export class UnusableFile extends Error {
  override readonly name = "UnusableFile";
}

export interface PrivateFileOptions {
  /** Whether the group may read. systemd shows its access list for the service's user as the group's permission. */
  readonly groupMayRead?: boolean;
}

/**
 * Reads a file that nobody but its owner may read. The owner is this process's user, or root. A link is followed: the
 * permissions of its target count.
 *
 * @throws UnusableFile
 */
export async function readPrivateFile(path: string, options: PrivateFileOptions = {}): Promise<string> {
  try {
    // Opening a named pipe would wait for its writer.
    if (!(await stat(path)).isFile())
      throw new UnusableFile(`${path} is not a file: name a file with a secret`);
    await using file = await open(path, constants.O_RDONLY);
    const mistake = await mistakeOf(file, path, options);
    if (mistake !== undefined) throw new UnusableFile(mistake);
    return await file.readFile("utf8");
  } catch (error) {
    if (error instanceof UnusableFile) throw error;
    throw new UnusableFile(reasonOf(error, path));
  }
}

/** Looks at the open file, so that it cannot be exchanged before it is read. */
async function mistakeOf(
  file: FileHandle,
  path: string,
  { groupMayRead = false }: PrivateFileOptions,
): Promise<string | undefined> {
  const { mode, uid, size } = await file.stat();
  const self = process.geteuid?.();
  // Windows has no such permissions.
  if (self !== undefined) {
    const forbidden = usedByOthers | changedByGroup | (groupMayRead ? 0 : readByGroup);
    if ((mode & forbidden) !== 0) return `${path} can be read by others: chmod 600 ${path}`;
    if (uid !== self && uid !== root)
      return `${path} belongs to another user (${uid}): chown ${self} ${path}`;
  }
  return size > MAX_BYTES
    ? `${path} has ${size} bytes, and a file of secrets at most ${MAX_BYTES}`
    : undefined;
}

function reasonOf(error: unknown, path: string): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  switch (code) {
    case "ENOENT":
      return `${path} does not exist: durio secret new --out ${path} makes it, for one replica; copy it to the others`;
    case "EACCES":
    case "EPERM":
      return `${path} can't be read by user ${process.geteuid?.()}: chown ${process.geteuid?.()} ${path}`;
    default:
      return `${path} can't be read: ${error instanceof Error ? error.message : error}`;
  }
}
