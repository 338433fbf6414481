import { expect, test } from "vitest";
import { replicaId } from "../../../src/raft/index.ts";
import { CrashDisk } from "./crash-disk.ts";
import { MortalDisk } from "./mortal-disk.ts";
import {
  batch,
  diskFull,
  failure,
  loaded,
  noDescriptors,
  open,
  snapshotAt,
  temporary,
} from "./stored-files.ts";

test("a disk that is full when the next segment is prepared does not stop the log", async () => {
  const disk = new CrashDisk();
  const mortal = new MortalDisk(disk);
  const persister = await loaded(mortal);
  await persister.write(batch(1, 300));
  // After the middle of the segment the spare is created, after the record's own write.
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

test("a file is not filled if the system reports too little free space", async () => {
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

test("on a full disk a snapshot uses the space that the log has reserved", async () => {
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
