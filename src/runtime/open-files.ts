import { readFileSync } from "node:fs";
import type { ServeLimits } from "./server.ts";

/** Enough for any honest number of clients of one replica. */
const mostConnections = 4096;
/** Descriptors kept for files, for peers and for the runtime, if the process may have that many. */
const reservedFiles = 256;

/** How many connections clients may hold, given how many files the process may have open; 4,096 at most. */
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

/** How many files this process may have open (`ulimit -n`); undefined if the system does not say, or sets no limit. */
function maxOpenFiles(): number | undefined {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
    return soft === undefined ? undefined : Number(soft);
  } catch {
    return undefined;
  }
}
