import {
  type ConformanceCase,
  persisterConformance,
  storedLogConformance,
  transportConformance,
} from "../../src/testing/index.ts";
import { memoryFixture, realFileFixture, simulatedFileFixture } from "./persister-fixtures.ts";
import { transports } from "./transport-fixtures.ts";

/** One implementation and the cases that it runs. */
export interface Subject {
  readonly name: string;
  readonly cases: readonly { readonly name: string; run(): Promise<void> }[];
}

/** Every implementation runs every case; a memory persister stores no bytes of a log that could be damaged. */
export const subjects: Readonly<Record<"persisters" | "transports", readonly Subject[]>> = {
  persisters: [
    subject("the memory persister", memoryFixture, persisterConformance),
    subject("the file persister, simulated disk", simulatedFileFixture, persisterConformance),
    subject("the file persister's log, simulated disk", simulatedFileFixture, storedLogConformance),
    subject("the file persister", realFileFixture, persisterConformance),
    subject("the file persister's log", realFileFixture, storedLogConformance),
  ],
  transports: [
    subject("the loopback transport", transports.loopback, transportConformance),
    subject("the http transport", transports.http, transportConformance),
  ],
};

function subject<Fixture extends AsyncDisposable>(
  name: string,
  open: () => Promise<Fixture>,
  cases: readonly ConformanceCase<Fixture>[],
): Subject {
  const onFixture = (run: ConformanceCase<Fixture>["run"]) => async () => {
    await using fixture = await open();
    await run(fixture);
  };
  return { name, cases: cases.map((one) => ({ name: one.name, run: onFixture(one.run) })) };
}
