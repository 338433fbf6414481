import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pid, platform } from "node:process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { nodeDisk } from "../../../adapters/file/index.ts";

const disk = nodeDisk();
let directory = "";

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "ruaft-"));
});

afterEach(() => rm(directory, { recursive: true }));

describe("files", () => {
  test("a missing file is an error unless it may be created", async () => {
    await expect(disk.open(join(directory, "a"), { create: false })).rejects.toThrow("ENOENT");
    await (await disk.open(join(directory, "a"), { create: true })).close();
    expect(await disk.list(directory)).toEqual(["a"]);
  });

  test("opening a file to create it leaves one that exists as it is", async () => {
    const first = await disk.open(join(directory, "a"), { create: true });
    await first.writeAt(0, Uint8Array.of(1, 2, 3));
    await first.close();
    const second = await disk.open(join(directory, "a"), { create: true });
    expect(await second.readAt(0, 10)).toEqual(Uint8Array.of(1, 2, 3));
    await second.close();
  });

  test("bytes are written at their offset, and read up to the end of the file", async () => {
    const file = await disk.open(join(directory, "a"), { create: true });
    await file.writeAt(4, Uint8Array.of(7, 8));
    await file.writeAt(1, Uint8Array.of(9));
    await file.datasync();
    expect(await file.size()).toBe(6);
    expect(await file.readAt(0, 100)).toEqual(Uint8Array.of(0, 9, 0, 0, 7, 8));
    expect(await file.readAt(100, 5)).toEqual(new Uint8Array(0));
    await file.truncate(2);
    expect(await file.readAt(0, 100)).toEqual(Uint8Array.of(0, 9));
    await file.close();
  });

  test.each([100, 300_000])(
    "a durable write of %i bytes stores all of them at their offset",
    async (length) => {
      const file = await disk.open(join(directory, "a"), { create: true });
      const bytes = Uint8Array.from({ length }, (_, at) => at % 251);
      await file.writeDurably(10, bytes);
      await file.writeDurably(10 + length, Uint8Array.of(1, 2));
      expect(await file.size()).toBe(12 + length);
      expect(await file.readAt(10, length + 2)).toEqual(Uint8Array.from([...bytes, 1, 2]));
      await file.close();
    },
  );

  test.skipIf(platform !== "linux").each([100, 300_000])(
    "a durable write of %i bytes that fails rejects",
    async (length) => {
      const file = await disk.open("/dev/full", { create: false });
      await expect(file.writeDurably(0, new Uint8Array(length))).rejects.toThrow("ENOSPC");
      await file.close();
    },
  );

  test("a directory is made with its parents, and making it again does no harm", async () => {
    const path = join(directory, "x", "y", "z");
    await disk.makeDirectory(path);
    await disk.makeDirectory(path);
    await disk.syncDirectory(path);
    expect(await disk.list(path)).toEqual([]);
  });
});

describe("the lock of a directory", () => {
  const locked = { reason: "locked" };
  /** A process that has ended: its number was used, and is not now. */
  const endedPid = () => spawnSync("true").pid;
  const leftBehind = (holder: unknown) => writeFile(join(directory, "lock.1"), JSON.stringify(holder));

  test("is refused while this process holds it, also under another path of the directory", async () => {
    const lock = await disk.lock(directory);
    await expect(disk.lock(directory)).rejects.toMatchObject(locked);
    await expect(nodeDisk().lock(`${directory}/../${directory.split("/").at(-1)}`)).rejects.toMatchObject(
      locked,
    );
    await lock[Symbol.asyncDispose]();
  });

  test("can be taken again after its release, and a second release ends no other's", async () => {
    const first = await disk.lock(directory);
    await first[Symbol.asyncDispose]();
    const second = await disk.lock(directory);
    await first[Symbol.asyncDispose]();
    await expect(disk.lock(directory)).rejects.toMatchObject(locked);
    await second[Symbol.asyncDispose]();
  });

  test("of a living process is respected, and it and the directory are named", async () => {
    await leftBehind({ pid: process.ppid, startedAt: "" });
    await expect(disk.lock(directory)).rejects.toThrow(`${directory} is in use by process ${process.ppid}`);
  });

  test("of a dead process is taken over", async () => {
    await leftBehind({ pid: endedPid(), startedAt: "" });
    await (await disk.lock(directory))[Symbol.asyncDispose]();
  });

  test("of a process whose number another one has now is taken over", async () => {
    await leftBehind({ pid: process.ppid, startedAt: "another boot 1" });
    await (await disk.lock(directory))[Symbol.asyncDispose]();
  });

  test("of an earlier process with this process's id is taken over", async () => {
    await leftBehind({ pid, startedAt: "" });
    await (await disk.lock(directory))[Symbol.asyncDispose]();
  });

  test.each(["", "{", "null", '{"pid":"x"}'])(
    "with the content %j names nobody and is taken over",
    async (content) => {
      await writeFile(join(directory, "lock.1"), content);
      await (await disk.lock(directory))[Symbol.asyncDispose]();
    },
  );

  test("leaves one file behind, however often it was taken", async () => {
    for (let i = 0; i < 4; i++) await (await disk.lock(directory))[Symbol.asyncDispose]();
    expect(await readdir(directory)).toEqual(["lock.4"]);
  });

  test("needs a directory", async () => {
    await expect(disk.lock(join(directory, "missing"))).rejects.toThrow("ENOENT");
    await mkdir(join(directory, "missing"));
    await (await disk.lock(join(directory, "missing")))[Symbol.asyncDispose]();
  });
});
