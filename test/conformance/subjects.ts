import { isBuiltin } from "node:module";
import type { RuntimeName } from "../../src/runtime/index.ts";
import type { ConformanceCase } from "../../src/testing/conformance/conformance-case.ts";
import { persisterConformance, storedLogConformance } from "../../src/testing/conformance/persister/index.ts";
import { transportConformance } from "../../src/testing/conformance/transport/index.ts";
import { databaseCases } from "../adapters/bun-sqlite/database-cases.ts";
import { threadCases } from "../adapters/bun-sqlite/thread-cases.ts";
import { sealCases } from "../adapters/seal/seal-cases.ts";
import { natsFixture } from "./nats-fixture.ts";
import {
  memoryFixture,
  realFileFixture,
  realLogFixture,
  simulatedFileFixture,
  sqliteFixture,
  sqliteWorkerFixture,
} from "./persister-fixtures.ts";
import { transports } from "./transport-fixtures.ts";

/** One implementation and the cases that it runs. */
export interface Subject {
  readonly name: string;
  /** Why it can't be tried on a runtime, on this machine; undefined if it can. */
  readonly missing: (runtime: RuntimeName) => string | undefined;
  readonly cases: readonly { readonly name: string; run(): Promise<void> }[];
}

/** An error from another thread is a copy, so the cause can't be the same object. */
const onAThread = persisterConformance.filter(
  ({ name }) => name !== "a failed write rejects with the device's error as its cause",
);

/** Every implementation runs every case; a memory persister stores no bytes of a log that could be damaged. */
export const subjects: Readonly<Record<"persisters" | "transports" | "seals", readonly Subject[]>> = {
  persisters: [
    subject("the memory persister", memoryFixture, persisterConformance),
    subject("the file persister, simulated disk", simulatedFileFixture, persisterConformance),
    subject("the file persister's log, simulated disk", simulatedFileFixture, storedLogConformance),
    subject("the file persister", realFileFixture, persisterConformance),
    subject("the file persister's log", realLogFixture, storedLogConformance),
    subject("the SQLite persister", sqliteFixture, persisterConformance, missingSqlite),
    subject("the SQLite persister, on its thread", sqliteWorkerFixture, onAThread, missingSqlite),
    subject("the SQLite persister's thread", sqliteWorkerFixture, threadCases, missingSqlite),
    subject("the SQLite persister's database", sqliteFixture, databaseCases, missingSqlite),
  ],
  transports: [
    subject("the loopback transport", transports.loopback, transportConformance),
    subject("the http transport", transports.http, transportConformance),
    subject("the NATS transport", natsFixture, transportConformance),
  ],
  seals: [{ name: "the seal of a secret", missing: () => undefined, cases: sealCases }],
};

function missingSqlite(runtime: RuntimeName): string | undefined {
  return runtime === "node" && !isBuiltin("node:sqlite") ? "no SQLite in this runtime" : undefined;
}

function subject<Fixture extends AsyncDisposable>(
  name: string,
  open: () => Promise<Fixture>,
  cases: readonly ConformanceCase<Fixture>[],
  missing: Subject["missing"] = () => undefined,
): Subject {
  const onFixture = (run: ConformanceCase<Fixture>["run"]) => async () => {
    await using fixture = await open();
    await run(fixture);
  };
  return { name, missing, cases: cases.map((one) => ({ name: one.name, run: onFixture(one.run) })) };
}
