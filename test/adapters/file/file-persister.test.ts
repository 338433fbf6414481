import crc32js from "crc-32/crc32.js";
import { expect, test } from "vitest";
import { filePersister } from "../../../adapters/file/index.ts";
import { replicaId } from "../../../src/raft/index.ts";
import { CrashDisk } from "./crash-disk.ts";
import { MortalDisk } from "./mortal-disk.ts";
import {
  batch,
  failure,
  filled,
  firstLog,
  flip,
  loaded,
  open,
  snapshotAt,
  temporary,
} from "./stored-files.ts";

test("a failed sync is fatal and is not tried again", async () => {
  const disk = new MortalDisk(new CrashDisk());
  const persister = await loaded(disk);
  disk.fail("datasync", new Error("EIO"));
  const first = await failure(persister.write(batch(1, 10)));
  expect(first).toMatchObject({ reason: "failed", message: expect.stringContaining("EIO") });
  const operations = disk.operations;
  expect(await failure(persister.write(batch(1, 10)))).toBe(first);
  expect(disk.operations).toBe(operations);
});

test("a record whose sync failed and that the restart still sees is durable from then on", async () => {
  const disk = new CrashDisk();
  const mortal = new MortalDisk(disk);
  const persister = await loaded(mortal);
  disk.failNextSync();
  await failure(persister.write(batch(1, 600)));
  await mortal.kill();
  const { entries } = await open(disk).load();
  expect(entries).toEqual(batch(1, 600).entries);
  expect((await open(disk.afterPowerLoss(() => 1)).load()).entries).toEqual(entries);
});

test("a snapshot whose directory was not synced and that the restart still sees is durable from then on", async () => {
  const disk = new CrashDisk();
  const mortal = new MortalDisk(disk);
  const persister = await loaded(mortal);
  const sink = await persister.createSnapshot(snapshotAt(9));
  mortal.fail("syncDirectory", new Error("EIO"));
  await failure(sink.commit());
  await mortal.kill();
  expect((await open(disk).load()).snapshot).toEqual(snapshotAt(9));
  expect((await open(disk.afterPowerLoss(() => 1)).load()).snapshot).toEqual(snapshotAt(9));
});

test("a snapshot at any index leaves all that follows it", async () => {
  for (let index = 1; index <= 20; index++) {
    const disk = new CrashDisk();
    const persister = await loaded(disk);
    for (let next = 1; next <= 20; next++) await persister.write(batch(next, 250));
    await (await persister.createSnapshot(snapshotAt(index))).commit();
    await persister[Symbol.asyncDispose]();
    const { entries } = await open(disk).load();
    const following = Array.from({ length: 20 - index }, (_, i) => index + 1 + i);
    expect(entries.map((entry) => entry.index)).toEqual(following);
  }
});

test("a snapshot makes the segments that it covers go, and the older snapshot", async () => {
  const disk = new CrashDisk();
  const persister = await loaded(disk);
  for (let index = 1; index <= 20; index++) await persister.write(batch(index, 400));
  await (await persister.createSnapshot(snapshotAt(5))).commit();
  const before = (await disk.list("/data")).filter((name) => name.endsWith(".log"));
  expect(before.length).toBeGreaterThan(3);
  await (await persister.createSnapshot(snapshotAt(20))).commit();
  await persister[Symbol.asyncDispose]();
  expect((await disk.list("/data")).sort()).toEqual(
    [before.sort().at(-1), "0000000000000020.snapshot", "meta", "starts"].sort(),
  );
});

test("the unfinished files of a crash are removed at the next load", async () => {
  const disk = new CrashDisk();
  const mortal = new MortalDisk(disk);
  const persister = await loaded(mortal);
  await persister.write(batch(1, 600));
  await (await persister.createSnapshot(snapshotAt(1))).write(new Uint8Array(70_000));
  await mortal.kill();
  expect(temporary(await disk.list("/data"))).toHaveLength(2);
  await loaded(disk);
  expect(temporary(await disk.list("/data"))).toEqual([]);
});

test("dispose closes every file", async () => {
  const disk = new MortalDisk(new CrashDisk());
  const persister = await loaded(disk);
  await persister.write(batch(1, 600));
  await (await persister.createSnapshot(snapshotAt(1))).commit();
  await persister.openSnapshot();
  await persister.createSnapshot(snapshotAt(2));
  expect(disk.openFiles).toBeGreaterThan(2);
  await persister[Symbol.asyncDispose]();
  expect(disk.openFiles).toBe(0);
});

test("a failed load closes every file and releases the lock", async () => {
  const disk = new CrashDisk();
  await (await filled(disk))[Symbol.asyncDispose]();
  await flip(disk, "0000000000000012.snapshot", 40);
  const mortal = new MortalDisk(disk);
  for (const _ of [1, 2]) expect(await failure(open(mortal).load())).toMatchObject({ reason: "corrupt" });
  expect(mortal.openFiles).toBe(0);
});

test.each([
  ["of a later version", 7, "crc32"],
  ["with voters in the file", 4, "crc32"],
  ["with the checksum of formats up to 3", 3, "crc32c"],
])("another format than this version's is a mismatch: %s", async (_, format, name) => {
  const disk = new CrashDisk();
  await (await loaded(disk))[Symbol.asyncDispose]();
  const meta = { format, clusterId: "c1", replicaId: "n1" };
  const checksum = crc32js.buf(new TextEncoder().encode(JSON.stringify(meta))) >>> 0;
  const file = await disk.open("/data/meta", { create: false });
  await file.truncate(0);
  await file.writeAt(0, new TextEncoder().encode(JSON.stringify({ ...meta, [name]: checksum })));
  expect(await failure(open(disk).load())).toMatchObject({
    reason: "mismatch",
    message:
      `/data was written by ${format > 5 ? "a later version" : "an earlier build of version 0.1"}, in format ${format}; ` +
      "this version reads only format 5: use the version that wrote it, or start with an empty directory",
  });
});

test("a directory of version 0.1 is reported as a mismatch, even without its meta file", async () => {
  const disk = new CrashDisk();
  await (await loaded(disk))[Symbol.asyncDispose]();
  const file = await disk.open(`/data/${firstLog}`, { create: false });
  await file.writeAt(0, new TextEncoder().encode("RUFL"));
  await disk.unlink("/data/meta");
  expect(await failure(open(disk).load())).toMatchObject({
    reason: "mismatch",
    message: expect.stringContaining(
      `/data/${firstLog} was written by an earlier build of version 0.1, in format 1;`,
    ),
  });
});

test("sizes that make no sense are refused when the persister is made", () => {
  const owner = { clusterId: "c1", replicaId: replicaId("n1"), directory: "/data", disk: new CrashDisk() };
  expect(() => filePersister({ ...owner, segmentBytes: 255 })).toThrow(/segmentBytes is 255/);
  expect(() => filePersister({ ...owner, segmentBytes: 1000.5 })).toThrow(RangeError);
  expect(() => filePersister({ ...owner, compactLogBytes: 0 })).toThrow(/compactLogBytes is 0/);
});
