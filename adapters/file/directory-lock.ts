import { link, readdir, readFile, realpath, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { kill, pid } from "node:process";
import { PersisterError } from "../../src/ports/index.ts";

/*
 * A lock is a file `lock.N` that names a process; the one with the highest N counts. Whoever finds its process
 * dead takes N + 1, which only one starter can create, and deletes what is below. The highest number is never
 * deleted, not even on release: a starter that slept through all this finds itself below it and begins again.
 */

/** Directories that this process holds: a lock in its own name that isn't here is left from an earlier life. */
const held = new Set<string>();
let temporaryFiles = 0;

interface Holder {
  readonly pid: number;
  /** When the process started, as the system tells it; empty where the system doesn't. */
  readonly startedAt: string;
}

/** @throws PersisterError `locked` */
export async function lockDirectory(directory: string): Promise<AsyncDisposable> {
  const path = await realpath(directory);
  if (held.has(path)) throw lockedError(path, pid);
  held.add(path);
  try {
    const name = await acquire(path);
    let released = false;
    return {
      async [Symbol.asyncDispose]() {
        if (released) return;
        released = true;
        try {
          await truncate(join(path, name));
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

async function acquire(path: string): Promise<string> {
  const claim = JSON.stringify({ pid, startedAt: (await processStatus(pid)).startedAt } satisfies Holder);
  for (;;) {
    const newest = await newestLock(path);
    const holder = newest > 0 ? await readHolder(path, newest) : undefined;
    if (holder && (await isAlive(path, holder))) throw lockedError(path, holder.pid);
    const next = newest + 1;
    if (!(await created(path, next, claim))) continue;
    if ((await newestLock(path)) === next) {
      await removeOlder(path, next);
      return lockName(next);
    }
    await rm(join(path, lockName(next)), { force: true });
  }
}

/**
 * Creates a lock, its content complete from the first moment.
 *
 * @returns false where another process was faster, or removed our temporary file along with stale ones
 */
async function created(path: string, number: number, claim: string): Promise<boolean> {
  const temporary = join(path, `lock-${pid}-${++temporaryFiles}.tmp`);
  await writeFile(temporary, claim);
  try {
    await link(temporary, join(path, lockName(number)));
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST" || codeOf(error) === "ENOENT") return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

async function newestLock(path: string): Promise<number> {
  return Math.max(0, ...(await readdir(path)).map(lockNumber));
}

async function removeOlder(path: string, newest: number): Promise<void> {
  for (const name of await readdir(path)) {
    const number = lockNumber(name);
    if (number > 0 && number < newest) await rm(join(path, name), { force: true });
  }
}

/** Undefined where the lock was released or has gone. */
async function readHolder(path: string, number: number): Promise<Holder | undefined> {
  try {
    const found: unknown = JSON.parse(await readFile(join(path, lockName(number)), "utf8"));
    if (typeof found !== "object" || !found || !("pid" in found) || !("startedAt" in found)) return undefined;
    if (typeof found.pid !== "number" || typeof found.startedAt !== "string") return undefined;
    return { pid: found.pid, startedAt: found.startedAt };
  } catch (error) {
    if (error instanceof SyntaxError || codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

async function isAlive(path: string, holder: Holder): Promise<boolean> {
  if (holder.pid === pid) return false;
  try {
    kill(holder.pid, 0);
  } catch (error) {
    if (codeOf(error) === "ESRCH") return false;
    if (codeOf(error) !== "EPERM") {
      const message = `${path} was in use by process ${holder.pid}, and whether that still runs can't be asked: ${error}`;
      throw new PersisterError("locked", message, { cause: error });
    }
  }
  const { startedAt, ended } = await processStatus(holder.pid);
  if (ended) return false;
  return startedAt === "" || holder.startedAt === "" || startedAt === holder.startedAt;
}

/** What Linux tells of a process; elsewhere nothing. */
async function processStatus(id: number): Promise<{ startedAt: string; ended: boolean }> {
  try {
    const stat = await readFile(`/proc/${id}/stat`, "utf8");
    const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8");
    // The program's name, in parentheses, may hold anything; the fields after it are numbered from 3.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const ended = fields[0] === "Z" || fields[0] === "X";
    return { startedAt: `${boot.trim()} ${fields[22 - 3] ?? ""}`, ended };
  } catch {
    return { startedAt: "", ended: false };
  }
}

function lockName(number: number): string {
  return `lock.${number}`;
}

/** 0 for a name that is no lock's. */
function lockNumber(name: string): number {
  return Number(/^lock\.(\d+)$/.exec(name)?.[1] ?? 0);
}

function lockedError(path: string, holder: number): PersisterError {
  return new PersisterError(
    "locked",
    `${path} is in use by process ${holder}: stop it first, or use another directory`,
  );
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
