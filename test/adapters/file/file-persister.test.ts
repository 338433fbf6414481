import crc32js from "crc-32/crc32.js";
import { expect, test } from "vitest";
import { filePersister } from "../../../adapters/file/index.ts";
import { encodeRecord, frameAt } from "../../../adapters/file/record.ts";
import {
  decodeSegmentHeader,
  type SegmentHeader,
  segmentHeaderBytes,
} from "../../../adapters/file/segment-header.ts";
import {
  type Disk,
  type Logger,
  type Persister,
  PersisterError,
  silentLogger,
} from "../../../src/ports/index.ts";
import { type LogEntry, replicaId } from "../../../src/raft/index.ts";
import { CrashDisk } from "./crash-disk.ts";
import { MortalDisk } from "./mortal-disk.ts";

const diskFull = Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
const noDescriptors = Object.assign(new Error("EMFILE: too many open files"), { code: "EMFILE" });
const firstLog = "0000000000000001.log";
const snapshotAt = (lastIncludedIndex: number) => ({ lastIncludedIndex, lastIncludedTerm: 1 });

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

test("a disk that is full when the next segment is prepared does not stop the log", async () => {
  const disk = new CrashDisk();
  const mortal = new MortalDisk(disk);
  const persister = await loaded(mortal);
  await persister.write(batch(1, 300));
  // Past the middle of the segment the spare is made, behind the record's own write.
  mortal.fail("open", diskFull);
  await persister.write(batch(2, 300));
  await persister.write(batch(3, 1));
  for (let index = 4; index < 12; index++) await persister.write(batch(index, 300));
  await persister[Symbol.asyncDispose]();
  expect((await open(disk).load()).entries.length).toBe(11);
});

test.each([
  ["space", diskFull, /could not make the next segment of the log in \/data: the disk is full/],
  ["file descriptors", noDescriptors, /this process has no file descriptor left/],
])("a batch for which there are no %s is refused, and may be written again", async (_, error, message) => {
  const disk = new CrashDisk();
  const mortal = new MortalDisk(disk);
  const persister = await loaded(mortal);
  await persister.write(batch(1, 100));
  mortal.fail("open", error, 2);
  for (let attempt = 0; attempt < 2; attempt++) {
    const refused = await failure(persister.write(batch(2, 5000)));
    expect(refused).toMatchObject({ reason: "full", message: expect.stringMatching(message), cause: error });
  }
  expect(temporary(await disk.list("/data"))).toEqual([]);
  await persister.write(batch(2, 5000));
  await mortal.kill();
  expect((await open(disk).load()).entries).toEqual([...batch(1, 100).entries, ...batch(2, 5000).entries]);
});

test("a system that tells how little space is left is not asked to fill it", async () => {
  const disk = new CrashDisk();
  const persister = await loaded(disk);
  disk.freeBytes = async () => 1000;
  const refused = await failure(persister.write(batch(1, 5000)));
  expect(refused.message).toMatch(/\d+ bytes are needed, 1000 are free/);
});

test("while no segment can be made votes and terms are stored, and commands are not, also after a restart", async () => {
  const disk = new CrashDisk();
  let mortal = new MortalDisk(disk);
  let persister = await loaded(mortal);
  let index = 0;
  disk.freeBytes = async () => 0;
  const refusal = () => failure(persister.write(batch(index + 1, 100)));
  for (;;) {
    const written = await persister.write(batch(index + 1, 100)).then(
      () => true,
      () => false,
    );
    if (!written) break;
    index++;
  }
  const vote = (currentTerm: number) => ({ currentTerm, votedFor: replicaId("n2"), countedPeers: [] });
  await persister.write({ hardState: vote(7), entries: [] });
  expect(await refusal()).toMatchObject({ reason: "full" });
  await mortal.kill();

  mortal = new MortalDisk(disk);
  persister = open(mortal);
  expect(await persister.load()).toMatchObject({ hardState: vote(7), entries: { length: index } });
  expect(await refusal()).toMatchObject({ reason: "full" });
  disk.freeBytes = async () => 1_000_000;
  await persister.write(batch(index + 1, 100));
  await persister[Symbol.asyncDispose]();
});

test("a snapshot that finds the disk full takes the room that the log kept in reserve", async () => {
  const disk = new MortalDisk(new CrashDisk());
  const persister = await loaded(disk);
  await persister.write(batch(1, 600));
  const sink = await persister.createSnapshot(snapshotAt(1));
  expect((await disk.list("/data")).filter((name) => name.startsWith("segment"))).toHaveLength(1);
  disk.fail("writeAt", diskFull);
  await sink.write(new Uint8Array(70_000));
  expect((await disk.list("/data")).filter((name) => name.startsWith("segment"))).toHaveLength(0);
  await sink.commit();
  expect((await persister.openSnapshot())?.size).toBe(70_000);
});

test("a snapshot for which there is no space is deleted, and the previous one stays", async () => {
  const disk = new CrashDisk();
  const mortal = new MortalDisk(disk);
  const persister = await loaded(mortal);
  await (await persister.createSnapshot(snapshotAt(1))).commit();
  const sink = await persister.createSnapshot(snapshotAt(2));
  mortal.fail("writeAt", diskFull, 2);
  expect(await failure(sink.write(new Uint8Array(70_000)))).toMatchObject({ reason: "full" });
  expect(temporary(await disk.list("/data"))).toEqual([]);
  await persister.write(batch(2, 10));
  const next = await persister.createSnapshot(snapshotAt(3));
  mortal.fail("writeAt", diskFull, 2);
  expect(await failure(next.commit())).toMatchObject({ reason: "full" });
  expect(temporary(await disk.list("/data"))).toEqual([]);
  await mortal.kill();
  expect((await open(disk).load()).snapshot).toEqual(snapshotAt(1));
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

test("what a crash left half made is removed at the next load", async () => {
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

test("a load that is refused closes every file and gives the lock back", async () => {
  const disk = new CrashDisk();
  await (await filled(disk))[Symbol.asyncDispose]();
  await flip(disk, "0000000000000012.snapshot", 40);
  const mortal = new MortalDisk(disk);
  for (const _ of [1, 2]) expect(await failure(open(mortal).load())).toMatchObject({ reason: "corrupt" });
  expect(mortal.openFiles).toBe(0);
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

test("data of other voters is a mismatch; the order of the voters does not matter", async () => {
  const disk = new CrashDisk();
  const of = (...names: string[]) => {
    const own = { directory: "/data", clusterId: "c", replicaId: replicaId("n1"), disk };
    return filePersister({ ...own, voters: names.map(replicaId) });
  };
  const first = of("n1", "n2");
  await first.load();
  await first[Symbol.asyncDispose]();
  expect(await failure(of("n1", "n2", "n3").load())).toMatchObject({
    reason: "mismatch",
    message: expect.stringContaining("n1 n2, not of n1 n2 n3"),
  });
  const again = of("n2", "n1");
  await again.load();
  await again[Symbol.asyncDispose]();
});

test.each([
  ["of later ones", 7, "crc32"],
  ["with the checksum of formats up to 3", 3, "crc32c"],
])("another format than this release's is a mismatch: %s", async (_, format, name) => {
  const disk = new CrashDisk();
  await (await loaded(disk))[Symbol.asyncDispose]();
  const meta = { format, clusterId: "c1", replicaId: "n1" };
  const checksum = crc32js.buf(new TextEncoder().encode(JSON.stringify(meta))) >>> 0;
  const file = await disk.open("/data/meta", { create: false });
  await file.truncate(0);
  await file.writeAt(0, new TextEncoder().encode(JSON.stringify({ ...meta, [name]: checksum })));
  expect(await failure(open(disk).load())).toMatchObject({
    reason: "mismatch",
    message: expect.stringMatching(new RegExp(`another version, in format ${format}.*reads only format 4`)),
  });
});

test("a directory that version 0.1 wrote is a mismatch that says so, even without its meta file", async () => {
  const disk = new CrashDisk();
  await (await loaded(disk))[Symbol.asyncDispose]();
  const file = await disk.open(`/data/${firstLog}`, { create: false });
  await file.writeAt(0, new TextEncoder().encode("RUFL"));
  await disk.unlink("/data/meta");
  expect(await failure(open(disk).load())).toMatchObject({
    reason: "mismatch",
    message: expect.stringContaining(`/data/${firstLog} was written by version 0.1`),
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

test("sizes that make no sense are refused when the persister is made", () => {
  const owner = { clusterId: "c1", replicaId: replicaId("n1"), directory: "/data", disk: new CrashDisk() };
  expect(() => filePersister({ ...owner, segmentBytes: 255 })).toThrow(/segmentBytes is 255/);
  expect(() => filePersister({ ...owner, segmentBytes: 1000.5 })).toThrow(RangeError);
  expect(() => filePersister({ ...owner, compactLogBytes: 0 })).toThrow(/compactLogBytes is 0/);
});

/** A log of one whole record and one with `data`, of which the second sector was not stored. */
async function torn(data: Uint8Array): Promise<{ disk: CrashDisk; header: SegmentHeader; end: number }> {
  const disk = new CrashDisk();
  const mortal = new MortalDisk(disk);
  const persister = await loaded(mortal);
  await persister.write(batch(1, 10));
  const { header, end } = await layout(disk);
  await persister.write({ entries: [{ type: "command", index: 2, term: 1, data }] });
  await mortal.kill();
  const file = await disk.open(`/data/${firstLog}`, { create: false });
  await file.writeAt(512, header.blank.bytes(512, 1024));
  return { disk, header, end };
}

/** Where the last record of the first segment starts and ends. */
async function layout(disk: Disk): Promise<{ header: SegmentHeader; start: number; end: number }> {
  const bytes = await contentOf(disk, firstLog);
  const header = decodeSegmentHeader(bytes);
  if (!header) throw new Error("a segment starts with its header");
  let frame = frameAt(bytes, segmentHeaderBytes, header.seed);
  for (let next = frame; next; next = frameAt(bytes, next.end, header.seed)) frame = next;
  return { header, start: frame?.start ?? 0, end: frame?.end ?? 0 };
}

function open(disk: Disk, logger: Logger = silentLogger, segmentBytes = 1024): Persister {
  return filePersister({
    clusterId: "c1",
    replicaId: replicaId("n1"),
    directory: "/data",
    disk,
    segmentBytes,
    compactLogBytes: 4096,
    logger,
  });
}

async function loaded(disk: Disk): Promise<Persister> {
  const persister = open(disk);
  await persister.load();
  return persister;
}

/** A snapshot of the entries 1 to 12, and 8 more in several segments behind it. */
async function filled(disk: Disk): Promise<Persister> {
  const persister = await loaded(disk);
  for (let index = 1; index <= 12; index++) await persister.write(batch(index, 400));
  const sink = await persister.createSnapshot(snapshotAt(12));
  await sink.write(new Uint8Array(100));
  await sink.commit();
  for (let index = 13; index <= 20; index++) await persister.write(batch(index, 400));
  return persister;
}

function batch(index: number, bytes: number): { entries: [LogEntry] } {
  return { entries: [{ type: "command", index, term: 1, data: new Uint8Array(bytes).fill(index) }] };
}

async function failure(call: Promise<unknown>): Promise<PersisterError> {
  const error = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(error instanceof PersisterError)) throw new Error(`expected a PersisterError, not ${String(error)}`);
  return error;
}

async function flip(disk: Disk, name: string, at: number, bit = 0): Promise<void> {
  const file = await disk.open(`/data/${name}`, { create: false });
  const byte = await file.readAt(at, 1);
  await file.writeAt(at, Uint8Array.of((byte[0] ?? 0) ^ (1 << bit)));
}

async function contentOf(disk: Disk, name: string): Promise<Uint8Array> {
  const file = await disk.open(`/data/${name}`, { create: false });
  return file.readAt(0, await file.size());
}

function temporary(names: readonly string[]): string[] {
  return names.filter((name) => name.endsWith(".tmp"));
}
