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

/** The required behaviour of every persister, each case on a fresh fixture. */
export const persisterConformance: readonly PersisterCase[] = [
  ...loading,
  ...writing,
  ...snapshots,
  ...compaction,
  ...endings,
  ...ownership,
  ...identity,
];
