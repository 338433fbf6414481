import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { hasReloads, LOOK_AT_FILES_MS, Reloads } from "../../src/durio/reload.ts";
import { type LogLine, recordingLogger } from "../replica/recording-logger.ts";
import { ManualClock, settled } from "../transports/manual-clock.ts";

let directory: string;
let file: string;
let lines: LogLine[];
let clock: ManualClock;
let reloads: Reloads;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "reload-"));
  file = join(directory, "secret");
  writeFileSync(file, "first");
  lines = [];
  clock = new ManualClock();
  reloads = new Reloads({ clock, logger: recordingLogger(lines) });
  reloads.start();
});
afterEach(() => {
  reloads[Symbol.dispose]();
  rmSync(directory, { recursive: true });
});

async function look(): Promise<void> {
  await clock.advance(LOOK_AT_FILES_MS);
  await settled();
}

const events = (): unknown[] => lines.map(({ event }) => event);

test("files that are replaced are used within 10 s, once", async () => {
  let calls = 0;
  reloads.onReload("the secret", [file], () => void calls++);
  await look();
  expect(calls).toBe(0);
  writeFileSync(file, "other");
  await clock.advance(LOOK_AT_FILES_MS - 1);
  expect(calls).toBe(0);
  await clock.advance(1);
  await look();
  expect(calls).toBe(1);
  expect(events()).toEqual(["reload.done"]);
});

test("a SIGHUP looks at once, and says what has not changed", async () => {
  let calls = 0;
  reloads.onReload("the secret", [file], () => void calls++);
  writeFileSync(file, "other");
  await reloads.now();
  await reloads.now();
  expect(calls).toBe(1);
  expect(events()).toEqual(["reload.done", "reload.unchanged"]);
});

test("files that can't be used are named once with the reason, and tried again after the next change", async () => {
  const refused = ["too short", "too long"];
  reloads.onReload("the secret", [file], () => {
    const reason = refused.shift();
    if (reason !== undefined) throw new Error(reason);
  });
  writeFileSync(file, "second");
  await look();
  await look();
  expect(events()).toEqual(["reload.refused"]);
  expect(lines[0]?.text).toBe("the secret was replaced, but can't be used: too short. The one in use stays");
  writeFileSync(file, "third");
  await look();
  await reloads.now();
  expect(events()).toEqual(["reload.refused", "reload.refused", "reload.done"]);
});

test("a file that vanishes is a change, and one that returns unchanged is another", async () => {
  const seen: string[] = [];
  reloads.onReload("the secret", [file], () => void seen.push("looked"));
  rmSync(file);
  await look();
  writeFileSync(file, "first");
  await look();
  expect(seen).toEqual(["looked", "looked"]);
});

test("callbacks run one after another", async () => {
  const order: string[] = [];
  const released: (() => void)[] = [];
  reloads.onReload("the secret", [file], async () => {
    order.push("begins");
    await new Promise<void>((resolve) => released.push(resolve));
    order.push("ends");
  });
  writeFileSync(file, "second");
  const first = reloads.now();
  await settled();
  writeFileSync(file, "third");
  const second = reloads.now();
  await settled();
  expect(order).toEqual(["begins"]);
  released[0]?.();
  await first;
  await settled();
  released[1]?.();
  await second;
  expect(order).toEqual(["begins", "ends", "begins", "ends"]);
});

test("disposing ends the looks", async () => {
  reloads[Symbol.dispose]();
  expect(clock.pending).toBe(0);
});

test.each([
  [{}, false],
  [{ secretFile: "/s" }, true],
  [{ tlsCertFile: "/c" }, true],
  [{ tlsCaFile: "/c" }, true],
])("with %j SIGHUP reloads: %s", (config, expected) => {
  expect(hasReloads(config)).toBe(expected);
});
