import { expect, test } from "vitest";
import { AuditLog } from "../../../src/durio/audit-log.ts";
import { type LogLine, recordingLogger } from "../../replica/recording-logger.ts";
import { ManualClock } from "../../transports/manual-clock.ts";

const refusal = { what: "requests", reason: "a wrong token", address: "10.0.0.9" };

function opened(): { readonly audit: AuditLog; readonly clock: ManualClock; readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const clock = new ManualClock();
  return { audit: new AuditLog({ clock, logger: recordingLogger(lines) }), clock, lines };
}

test("the first refusal of a kind and an address is logged at once, further ones as a count every 10 s", async () => {
  const { audit, clock, lines } = opened();
  for (let turn = 0; turn < 38; turn++) audit.refused(refusal);
  audit.refused({ ...refusal, address: "10.0.0.8" });
  expect(lines.map(({ text }) => text)).toEqual([
    "refused requests from 10.0.0.9 (1): a wrong token",
    "refused requests from 10.0.0.8 (1): a wrong token",
  ]);
  expect(lines[0]).toMatchObject({ level: "warn", event: "audit.refused" });
  await clock.advance(10_000);
  expect(lines.slice(2).map(({ text }) => text)).toEqual([
    "refused requests from 10.0.0.9 (37): a wrong token",
  ]);
  await clock.advance(60_000);
  expect(lines.length, "nothing more was refused").toBe(3);
  audit.refused(refusal);
  expect(lines.length, "and the next one is a first one again").toBe(4);
});

test("a hundred thousand addresses take neither the memory nor the log", async () => {
  const { audit, clock, lines } = opened();
  for (let turn = 0; turn < 100_000; turn++) audit.refused({ ...refusal, address: `10.0.${turn}` });
  expect(lines.length).toBe(1025);
  await clock.advance(10_000);
  expect(lines.slice(1025).map(({ text }) => text)).toEqual([
    "refused requests from many other addresses (98975): a wrong token",
  ]);
});

test("an address that is not known is named so, and nothing runs on after the end", async () => {
  const { audit, clock, lines } = opened();
  audit.refused({ ...refusal, address: undefined });
  audit.refused({ ...refusal, address: undefined });
  audit[Symbol.dispose]();
  await clock.advance(20_000);
  expect(lines.map(({ text }) => text)).toEqual([
    "refused requests from an unknown address (1): a wrong token",
  ]);
});
