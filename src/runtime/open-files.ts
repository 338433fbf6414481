import { readFileSync } from "node:fs";
import type { ServeLimits } from "./server.ts";

/** More than a replica's clients should need. */
const mostConnections = 4096;
/** File descriptors reserved for files, peers and the runtime, if the process may have that many. */
const reservedFiles = 256;

/** Returns how many connections clients may hold, given the process's limit of open files. At most 4,096. */
export function defaultMaxConnections(maxFiles: number | undefined = maxOpenFiles()): number {
  if (maxFiles === undefined) return mostConnections;
  const reserved = Math.min(reservedFiles, Math.floor(maxFiles / 2));
  return Math.min(mostConnections, maxFiles - reserved);
}

export function serveLimits(given: Partial<ServeLimits> = {}): ServeLimits {
  return {
    maxConnections: given.maxConnections ?? defaultMaxConnections(),
    idleTimeoutMs: given.idleTimeoutMs ?? 60_000,
    headersTimeoutMs: given.headersTimeoutMs ?? 10_000,
  };
}

/** Returns how many files this process may have open (`ulimit -n`), or undefined if unknown or unlimited. */
function maxOpenFiles(): number | undefined {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
    return soft === undefined ? undefined : Number(soft);
  } catch {
    return undefined;
  }
}
