import { expect, test } from "vitest";
import { encodeRecord } from "../../../adapters/file/record.ts";
import { silentLogger } from "../../../src/ports/index.ts";
import { CrashDisk } from "./crash-disk.ts";
import {
  batch,
  contentOf,
  failure,
  filled,
  firstLog,
  flip,
  layout,
  loaded,
  open,
  snapshotAt,
  torn,
} from "./stored-files.ts";

test("the load that cuts off a torn record durably replaces it by blank space", async () => {
  const { disk, header, end } = await torn(new Uint8Array(600).fill(2));
  const warnings: string[] = [];
  const logger = { ...silentLogger, warn: (message: string) => warnings.push(message) };
  expect((await open(disk, logger).load()).entries).toEqual(batch(1, 10).entries);
  expect(warnings).toEqual([expect.stringContaining("cut a torn record")]);
  const left = disk.afterPowerLoss(() => 1);
  expect(header.blank.writtenEnd(await contentOf(left, firstLog), end)).toBe(end);
});

test("a torn record is cut off even if its value contains the record that would come next", async () => {
  const position = { index: 2, term: 1 };
  const next = { type: "batch", sequence: 4, position, hardState: undefined, entries: [] } as const;
  const quoted = new Uint8Array(600);
  // A client knows neither the key nor the seed of the file.
  quoted.set(encodeRecord(next, 0), 540);
  const { disk } = await torn(quoted);
  expect((await open(disk).load()).entries).toEqual(batch(1, 10).entries);
});

test.each([
  ["a value of zeros", new Uint8Array(1536)],
  ["a value of anything else", new Uint8Array(1536).fill(7)],
])("a last record with %s that changed since it was acknowledged is damage", async (_, data) => {
  const disk = new CrashDisk();
  const persister = open(disk, silentLogger, 4096);
  await persister.load();
  await persister.write({ entries: [{ type: "command", index: 1, term: 1, data }] });
  const { header, end } = await layout(disk);
  for (let at = end - 1500; at < end; at += 97) {
    const left = disk.afterPowerLoss(() => 1);
    await flip(left, firstLog, at);
    expect(await failure(open(left).load())).toMatchObject({ reason: "corrupt" });
  }
  expect(header.size).toBe(4096);
});

test("a segment that is shorter than it was made, or longer, is damage that names both sizes", async () => {
  const disk = new CrashDisk();
  const persister = await loaded(disk);
  for (const index of [1, 2, 3]) await persister.write(batch(index, 100));
  await persister[Symbol.asyncDispose]();
  for (const size of [0, 20, 200, 500, 1023, 1025, 4096]) {
    const left = disk.afterPowerLoss(() => 1);
    await (await left.open(`/data/${firstLog}`, { create: false })).truncate(size);
    const error = await failure(open(left).load());
    expect(error).toMatchObject({ reason: "corrupt", message: expect.stringContaining(firstLog) });
    if (size > 100) expect(error.message).toContain(`has ${size} bytes instead of 1024`);
  }
});

test("a log whose last bytes have become zeros is damaged, wherever the zeros begin", async () => {
  const disk = new CrashDisk();
  const persister = open(disk, silentLogger, 4096);
  await persister.load();
  for (let index = 1; index <= 20; index++) await persister.write(batch(index, 40));
  const { end } = await layout(disk);
  for (let zeroed = 1; zeroed <= 1500; zeroed++) {
    const left = disk.afterPowerLoss(() => 1);
    const file = await left.open(`/data/${firstLog}`, { create: false });
    await file.writeAt(end - zeroed, new Uint8Array(4096 - end + zeroed));
    expect(await failure(open(left).load()), `${zeroed} bytes`).toMatchObject({ reason: "corrupt" });
  }
});

test("any bit wrong in the newest snapshot is corruption that names the file", async () => {
  const disk = new CrashDisk();
  const persister = await loaded(disk);
  const sink = await persister.createSnapshot(snapshotAt(12));
  await sink.write(Uint8Array.from([1, 2, 3]));
  await sink.commit();
  await persister[Symbol.asyncDispose]();
  const name = "0000000000000012.snapshot";
  const size = (await contentOf(disk, name)).length;
  for (let byte = 0; byte < size; byte++) {
    for (let bit = 0; bit < 8; bit++) {
      await flip(disk, name, byte, bit);
      const error = await failure(open(disk).load());
      expect(error, `byte ${byte}, bit ${bit}`).toMatchObject({ reason: "corrupt" });
      expect(error.message).toContain(name);
      await flip(disk, name, byte, bit);
    }
  }
  expect((await open(disk).load()).snapshot).toEqual(snapshotAt(12));
});

test("damage to an open snapshot is found when its bytes are read", async () => {
  const disk = new CrashDisk();
  const persister = await loaded(disk);
  const sink = await persister.createSnapshot(snapshotAt(12));
  await sink.write(new Uint8Array(200_000));
  await sink.commit();
  const source = await persister.openSnapshot();
  await flip(disk, "0000000000000012.snapshot", 150_000);
  expect((await source?.read(0, 65_536))?.length).toBe(65_536);
  expect(source && (await failure(source.read(140_000, 20_000)))).toMatchObject({ reason: "corrupt" });
});

test.each([
  ["meta", /\/meta/],
  ["0000000000000012.snapshot", /no snapshot reaches/],
  ["the newest segment", undefined],
  ["a segment in the middle", /is missing/],
])("a directory from which %s was removed is refused", async (what, message) => {
  const disk = new CrashDisk();
  await (await filled(disk))[Symbol.asyncDispose]();
  const logs = (await disk.list("/data")).filter((name) => name.endsWith(".log")).sort();
  expect(logs.length).toBeGreaterThan(2);
  if (what === "the newest segment") for (const name of logs) await disk.unlink(`/data/${name}`);
  else await disk.unlink(`/data/${what === "a segment in the middle" ? logs[1] : what}`);
  const error = await failure(open(disk).load());
  expect(error.reason).toBe("corrupt");
  if (message) expect(error.message).toMatch(message);
});

test("a bad record at the end of a segment that has a successor is corruption", async () => {
  const disk = new CrashDisk();
  await (await filled(disk))[Symbol.asyncDispose]();
  // The oldest one is covered by the snapshot, and no longer read.
  const [, second = ""] = (await disk.list("/data")).filter((name) => name.endsWith(".log")).sort();
  await flip(disk, second, 300);
  expect(await failure(open(disk).load())).toMatchObject({
    reason: "corrupt",
    message: expect.stringContaining(second),
  });
});

test("a bit that flipped in the number of the format is damage, and not another version's directory", async () => {
  const disk = new CrashDisk();
  await (await loaded(disk))[Symbol.asyncDispose]();
  const file = await disk.open("/data/meta", { create: false });
  const text = new TextDecoder().decode(await file.readAt(0, await file.size()));
  await file.writeAt(text.indexOf('"format":4') + 9, new TextEncoder().encode("0"));
  expect(await failure(open(disk).load())).toMatchObject({ reason: "corrupt" });
});

test("a name that changed at rest is damage, and not another replica's directory", async () => {
  const disk = new CrashDisk();
  await (await loaded(disk))[Symbol.asyncDispose]();
  const file = await disk.open("/data/meta", { create: false });
  const text = new TextDecoder().decode(await file.readAt(0, await file.size()));
  await file.writeAt(text.indexOf("n1"), new TextEncoder().encode("n3"));
  expect(await failure(open(disk).load())).toMatchObject({
    reason: "corrupt",
    message: expect.stringContaining("/data/meta is damaged"),
  });
});

test("a bit that flips in the last record after it was acknowledged is damage, and not a torn write", async () => {
  const disk = new CrashDisk();
  const persister = await loaded(disk);
  await persister.write({ entries: batch(1, 10).entries });
  const { start, end } = await layout(disk);
  const bytes = await contentOf(disk, firstLog);
  for (let at = start; at < end; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const left = disk.afterPowerLoss(() => 1);
      const copy = await left.open(`/data/${firstLog}`, { create: false });
      await copy.writeAt(at, Uint8Array.of((bytes[at] ?? 0) ^ (1 << bit)));
      expect(await failure(open(left).load())).toMatchObject({ reason: "corrupt" });
    }
  }
});
