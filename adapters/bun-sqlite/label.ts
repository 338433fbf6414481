import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { PersisterError } from "../../src/ports/index.ts";
import { syncDirectory } from "./commit-file.ts";
import { seal, unseal } from "./sealed.ts";

/** The database's own facts that change, unlike its identity. */
export interface Label {
  /** The uid of the cluster that it is bound to, in hexadecimal; null if not bound yet. */
  readonly clusterUid: string | null;
  /** A random number from 1 to 2^32 - 1, drawn when the database was created. A copy has the same. */
  readonly storage: number;
  /** Number of processes that have started on it. */
  readonly starts: number;
}

export function newLabel(): Label {
  const [word = 0] = crypto.getRandomValues(new Uint32Array(1));
  return { clusterUid: null, storage: word || 1, starts: 0 };
}

export function encodeLabel({ clusterUid, storage, starts }: Label): Uint8Array {
  return seal({ clusterUid, storage, starts });
}

/** @throws RangeError if the bytes have changed since they were encoded */
export function decodeLabel(bytes: Uint8Array): Label {
  const label = unseal(bytes) as Label | undefined;
  if (label === undefined) throw new RangeError("its uid and the number of its starts have changed");
  return label;
}

/** @throws PersisterError `outdated` if the database was retired for a newer copy */
export function assertNotOutdated(file: string): void {
  const path = outdatedPath(file);
  if (!existsSync(path)) return;
  const reason = readFileSync(path, "utf8").trim();
  throw new PersisterError(
    "outdated",
    `${file} is no longer used: ${reason} If it has the newest data nevertheless, stop the other process for good, ` +
      `remove ${path} and start this one`,
  );
}

/** Keeps later processes from starting on the database until the file is removed by hand. */
export function writeOutdated(file: string, reason: string): void {
  const descriptor = openSync(outdatedPath(file), "w");
  try {
    writeSync(descriptor, `${reason}\n`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  syncDirectory(dirname(resolve(file)));
}

function outdatedPath(file: string): string {
  return `${file}-outdated`;
}
