import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { kill, pid } from "node:process";
import { PersisterError } from "../../src/ports/index.ts";

/** A process that holds a lock, as it describes itself. */
export interface Holder {
  readonly pid: number;
  /** When the process started, according to its system; empty if unknown. */
  readonly startedAt: string;
  /** The name of its machine or container; empty if unknown. */
  readonly host: string;
  /** When it took the lock, as an ISO date; empty if unknown. */
  readonly since: string;
}

/** Describes this process as a holder. */
export async function thisProcess(): Promise<Holder> {
  const { startedAt } = await processStatus(pid);
  return { pid, startedAt, host: hostName(), since: new Date().toISOString() };
}

/** Returns undefined if the text names no process. */
export function parseHolder(text: string): Holder | undefined {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof found !== "object" || !found || !("pid" in found) || !("startedAt" in found)) return undefined;
  if (typeof found.pid !== "number" || typeof found.startedAt !== "string") return undefined;
  const host = "host" in found && typeof found.host === "string" ? found.host : "";
  const since = "since" in found && typeof found.since === "string" ? found.since : "";
  return { pid: found.pid, startedAt: found.startedAt, host, since };
}

/** @param holder undefined if the holder does not identify itself */
export function lockedError(path: string, holder: Holder | undefined): PersisterError {
  const who = holder
    ? `process ${holder.pid}${holder.host && ` on ${holder.host}`}${holder.since && ` since ${holder.since}`}`
    : "a process that does not answer, because it is stopped or busy";
  return new PersisterError("locked", `${path} is in use by ${who}: stop it first, or use another directory`);
}

/**
 * Returns whether the process with a holder's id is that holder. Processes in other PID namespaces are invisible.
 *
 * @throws PersisterError `locked` if the system does not know
 */
export async function isRunning(path: string, holder: Holder): Promise<boolean> {
  if (holder.pid === pid) return false;
  try {
    kill(holder.pid, 0);
  } catch (error) {
    const code = codeOf(error);
    if (code === "ESRCH") return false;
    if (code !== "EPERM") {
      const message = `${path} was in use by process ${holder.pid}, and the system does not tell whether it still runs: ${error}`;
      throw new PersisterError("locked", message, { cause: error });
    }
  }
  const { startedAt, ended } = await processStatus(holder.pid);
  if (ended) return false;
  return startedAt === "" || holder.startedAt === "" || startedAt === holder.startedAt;
}

/** Reads what Linux knows of a process; nothing on other systems. */
async function processStatus(id: number): Promise<{ startedAt: string; ended: boolean }> {
  try {
    const stat = await readFile(`/proc/${id}/stat`, "utf8");
    const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8");
    // The program's name, in parentheses, may contain anything. The fields after it are numbered from 3.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const ended = fields[0] === "Z" || fields[0] === "X";
    return { startedAt: `${boot.trim()} ${fields[22 - 3] ?? ""}`, ended };
  } catch {
    return { startedAt: "", ended: false };
  }
}

/** Needs a permission on Deno. */
function hostName(): string {
  try {
    return hostname();
  } catch {
    return "";
  }
}

export function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
