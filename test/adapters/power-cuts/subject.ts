import { type SqlitePersisterOptions, sqlitePersister } from "../../../adapters/bun-sqlite/index.ts";
import { filePersister } from "../../../adapters/file/index.ts";
import type { Persister } from "../../../src/ports/index.ts";
import { replicaId } from "../../../src/raft/index.ts";
import { assertEqual } from "../../../src/testing/assert.ts";
import {
  type Expected,
  nothingStored,
  scriptedRun,
} from "../../../src/testing/conformance/persister/script.ts";

export type PersisterKind = "file" | "bun-sqlite";

export function isPersisterKind(text: string): text is PersisterKind {
  return text === "file" || text === "bun-sqlite";
}

/** @param open the binding of SQLite, for this thread. Default: SQLite's own thread */
export function openPersister(
  kind: PersisterKind,
  directory: string,
  open?: SqlitePersisterOptions["open"],
): Persister {
  const owner = { clusterId: "c1", replicaId: replicaId("n1") };
  return kind === "file"
    ? filePersister({ ...owner, directory, segmentBytes: 4096 })
    : sqlitePersister({ ...owner, file: `${directory}/replica.sqlite`, ...(open && { open }) });
}

/** Number of steps of the scripted run that lead to a state; undefined if the state is not one of the run's. */
export function stepOf(found: Expected): number | undefined {
  const expected = [nothingStored, ...scriptedRun.map((step) => step.expected)];
  const step = expected.findLastIndex((one) => isSame(one, found));
  return step < 0 ? undefined : step;
}

function isSame(one: Expected, other: Expected): boolean {
  try {
    assertEqual(one, other, "");
    return true;
  } catch {
    return false;
  }
}
