import { PersisterError } from "../../src/ports/index.ts";
import { codeOf } from "./lock-holder.ts";

/** System errors that end when others release resources. The device itself is fine. */
const shortages: ReadonlyMap<unknown, string> = new Map([
  ["ENOSPC", "the disk is full"],
  ["EDQUOT", "the quota of disk space is used up"],
  ["EMFILE", "this process has no file descriptor left"],
  ["ENFILE", "the system has no file descriptor left"],
]);

/** Returns the scarce resource if that is why a call failed, otherwise undefined. */
export function shortageIn(error: unknown): string | undefined {
  return shortages.get(codeOf(error));
}

/**
 * Runs work that leaves nothing behind if it fails.
 *
 * @throws PersisterError `full` if space or file descriptors are scarce, otherwise the error of the work
 */
export async function orFull<T>(task: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const shortage = shortageIn(error);
    if (shortage === undefined) throw error;
    const detail = error instanceof Error ? error.message : String(error);
    throw new PersisterError("full", `could not ${task}: ${shortage} (${detail})`, { cause: error });
  }
}

export function isFull(error: unknown): boolean {
  return error instanceof PersisterError && error.reason === "full";
}
