import { constants } from "node:fs";
import { open } from "node:fs/promises";
import process from "node:process";

const usedByOthers = 0o077;

/** Why a file of a token can't be used, in a sentence that says what to do. */
export class UnusableTokenFile extends Error {
  override readonly name = "UnusableTokenFile";
}

/**
 * Reads a file with a token, without white space around it. Returns undefined if there is no such file.
 *
 * @throws UnusableTokenFile if others may use the file, or it can't be read
 */
export async function readTokenFile(path: string): Promise<string | undefined> {
  try {
    // Opening a named pipe would wait for its writer.
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const { mode } = await file.stat();
    // Windows has no such permissions.
    const isOpen = process.platform !== "win32" && (mode & usedByOthers) !== 0;
    if (isOpen) throw new UnusableTokenFile(`${path} can be used by others: chmod 600 ${path}`);
    return (await file.readFile("utf8")).trim();
  } catch (error) {
    if (error instanceof UnusableTokenFile) throw error;
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw new UnusableTokenFile(`${path} can't be read: ${error instanceof Error ? error.message : error}`);
  }
}

/**
 * Creates a file with a token that only its owner can read, and waits until it is on disk.
 *
 * @throws if it exists or can't be written
 */
export async function createTokenFile(path: string, token: string): Promise<void> {
  await using file = await open(path, "wx", 0o600);
  // The process's mask may have removed permissions of the owner.
  await file.chmod(0o600);
  await file.writeFile(`${token}\n`);
  await file.sync();
}
