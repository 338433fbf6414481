/**
 * The conformance suite of persisters: an array of cases for any test runner.
 *
 * @module
 */
import { compaction } from "./compaction.ts";
import { endings } from "./endings.ts";
import type { PersisterCase } from "./fixture.ts";
import { identity } from "./identity.ts";
import { loading } from "./loading.ts";
import { ownership } from "./ownership.ts";
import { snapshots } from "./snapshots.ts";
import { writing } from "./writing.ts";

export type { ConformanceCase } from "../conformance-case.ts";
export type { PersisterCase, PersisterFixture } from "./fixture.ts";
export { type StoredLogCase, type StoredLogFixture, storedLogConformance } from "./stored-log.ts";

/**
 * The required behaviour of every persister, each case on a fresh fixture.
 *
 * @example
 * ```ts
 * import { replicaId } from "ruaft";
 * import { MemoryStorage, memoryPersister } from "ruaft/adapters/memory";
 * import { type PersisterFixture, persisterConformance } from "ruaft/testing/conformance/persister";
 *
 * function newFixture(): PersisterFixture {
 *   const storage = new MemoryStorage();
 *   const compactLogBytes = 4096;
 *   return {
 *     compactLogBytes,
 *     open: ({ clusterId = "c1", replicaId: id = replicaId("n1") } = {}) =>
 *       memoryPersister({ clusterId, replicaId: id, storage, compactLogBytes }),
 *     crash: async () => storage.crash(),
 *     failNextWrite: (error) => storage.failNextWrite(error),
 *     async [Symbol.asyncDispose]() {},
 *   };
 * }
 *
 * for (const { name, run } of persisterConformance) {
 *   await using fixture = newFixture();
 *   await run(fixture).catch((error: unknown) => console.log(`${name}: ${error}`));
 * }
 * ```
 */
export const persisterConformance: readonly PersisterCase[] = [
  ...loading,
  ...writing,
  ...snapshots,
  ...compaction,
  ...endings,
  ...ownership,
  ...identity,
];
