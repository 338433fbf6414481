import { link, lstat, readdir, readFile, realpath, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type DirectoryLock, PersisterError } from "../../src/ports/index.ts";
import { codeOf, type Holder, isRunning, lockedError, parseHolder, thisProcess } from "./lock-holder.ts";
import { askSocket, LockSocket } from "./lock-socket.ts";

/**
 * A lock is a file `lock.N`; the highest N counts. It is a socket on which its holder listens. A successful connection
 * proves that the holder is alive, even in another container, because the kernel closes the socket with the process. On
 * a file system without sockets the file is a text that names a process.
 *
 * A starter that finds the holder dead creates N + 1, which only one starter can do, and deletes the lower ones. The
 * highest number is never deleted, not even on release: a starter that was suspended meanwhile finds a higher number
 * and starts over.
 */

/**
 * Directories that this process holds. A lock text that names this process but is not listed here is from an earlier
 * process with the same id.
 */
const held = new Map<string, Holder>();

/** The file that this process shows as its lock, under a temporary name at first. */
interface Claim {
  readonly weakness?: string;
  /** Releases the lock. @param name the current name of the lock file */
  release(name: string): Promise<void>;
}

/** @throws PersisterError `locked` */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const path = await realpath(directory);
  const other = held.get(path);
  if (other) throw lockedError(path, other);
  const holder = await thisProcess();
  held.set(path, holder);
  try {
    const { name, claim } = await acquire(path, holder);
    let released = false;
    return {
      ...(claim.weakness !== undefined && { weakness: claim.weakness }),
      async [Symbol.asyncDispose]() {
        if (released) return;
        released = true;
        try {
          await claim.release(join(path, name));
        } finally {
          held.delete(path);
        }
      },
    };
  } catch (error) {
    held.delete(path);
    throw error;
  }
}

async function acquire(path: string, self: Holder): Promise<{ name: string; claim: Claim }> {
  for (;;) {
    const newest = await newestLock(path);
    if (newest > 0) await assertFree(path, lockName(newest));
    const name = lockName(newest + 1);
    const claim = await create(path, name, self);
    if (!claim) continue;
    if ((await newestLock(path)) === newest + 1) {
      await removeOlder(path, newest + 1);
      return { name, claim };
    }
    await claim.release(join(path, name));
    await rm(join(path, name), { force: true });
  }
}

/** @throws PersisterError `locked` if a process holds the lock, or if that cannot be determined */
async function assertFree(path: string, name: string): Promise<void> {
  let text: string;
  try {
    if ((await lstat(join(path, name))).isSocket()) return await assertRefused(path, name);
    text = await readFile(join(path, name), "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return;
    throw error;
  }
  const holder = parseHolder(text);
  if (holder && (await isRunning(path, holder))) throw lockedError(path, holder);
}

async function assertRefused(path: string, name: string): Promise<void> {
  const answer = await askSocket(path, name);
  if (answer.type === "held") throw lockedError(path, parseHolder(answer.text));
  if (answer.type === "failed") {
    const message = `${path} may be in use: its lock ${name} can't be asked: ${answer.error}`;
    throw new PersisterError("locked", message, { cause: answer.error });
  }
}

/** A lock file that does not have its name yet. */
interface NewLock {
  /** The directory. */
  readonly path: string;
  readonly name: string;
  /** The name until it is complete. */
  readonly temporary: string;
  /** The holder of the lock. */
  readonly text: string;
}

/** Creates a lock file, which is complete from the start. Returns undefined if another process created it first. */
async function create(path: string, name: string, self: Holder): Promise<Claim | undefined> {
  const text = JSON.stringify(self);
  // A random name, because processes in different containers may have the same id.
  const temporary = `lock-${crypto.randomUUID().slice(0, 8)}.tmp`;
  const lock = { path, name, temporary, text };
  let socket: LockSocket;
  try {
    socket = await LockSocket.create(path, temporary, text);
  } catch (error) {
    return createText(lock, error);
  }
  try {
    if (await linked(lock)) return { release: () => socket.close() };
    await socket.close();
    return undefined;
  } catch (error) {
    await socket.close();
    return createText(lock, error);
  }
}

/** @param reason why there is no socket */
async function createText(file: NewLock, reason: unknown): Promise<Claim | undefined> {
  const { path, temporary, text } = file;
  await writeFile(join(path, temporary), text);
  try {
    if (!(await linked(file))) return undefined;
  } catch (error) {
    const message = `${path} can't be locked, because its file system has neither sockets nor hard links: ${error}. Use another one`;
    throw new PersisterError("failed", message, { cause: error });
  }
  const weakness = `the lock of ${path} does not notice processes in other containers, because no socket can be made there: ${reason}`;
  return { weakness, release: (lock) => truncate(lock) };
}

/** Gives a file its final name. Returns false if the name is taken or the file was removed as stale. */
async function linked({ path, temporary, name }: NewLock): Promise<boolean> {
  try {
    await link(join(path, temporary), join(path, name));
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST" || codeOf(error) === "ENOENT") return false;
    throw error;
  } finally {
    await rm(join(path, temporary), { force: true });
  }
}

async function newestLock(path: string): Promise<number> {
  return (await readdir(path)).map(lockNumber).reduce((highest, number) => Math.max(highest, number), 0);
}

async function removeOlder(path: string, newest: number): Promise<void> {
  for (const name of await readdir(path)) {
    const number = lockNumber(name);
    if (number > 0 && number < newest) await rm(join(path, name), { force: true });
  }
}

function lockName(number: number): string {
  return `lock.${number}`;
}

/** Returns 0 if the name is not a lock's. */
function lockNumber(name: string): number {
  return Number(/^lock\.(\d+)$/.exec(name)?.[1] ?? 0);
}
