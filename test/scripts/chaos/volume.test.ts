import { describe, expect, test } from "vitest";
import { DiskFaults } from "../../../scripts/chaos/disk/faults.ts";
import { Volume, type VolumeFile } from "../../../scripts/chaos/disk/volume.ts";
import { Random } from "../../../scripts/chaos/random.ts";

const SEEDS = 200;

function write(file: VolumeFile, offset: number, text: string): void {
  file.content.write(offset, Buffer.from(text));
}

function text(file: VolumeFile): string {
  return Buffer.from(file.content.read(0, file.content.sizeBytes)).toString();
}

function fileNamed(volume: Volume, name: string): VolumeFile | undefined {
  const node = volume.root.entries.get(name);
  return node?.type === "directory" ? undefined : node;
}

/** The content of a file after steps and a power failure, by seed. */
function outcomes(steps: (volume: Volume) => void, name = "a"): Set<string | undefined> {
  const left = new Set<string | undefined>();
  for (let seed = 0; seed < SEEDS; seed++) {
    const volume = new Volume();
    steps(volume);
    volume.losePower(new Random(seed));
    const file = fileNamed(volume, name);
    left.add(file === undefined ? undefined : text(file));
  }
  return left;
}

describe("a disk that loses its power", () => {
  test("keeps synced data, with its name", () => {
    const left = outcomes((volume) => {
      write(volume.create(volume.root, "a", 0o644), 0, "kept");
      volume.settle();
    });
    expect([...left]).toEqual(["kept"]);
  });

  test("loses bytes that were not synced, or keeps them", () => {
    const left = outcomes((volume) => {
      const file = volume.create(volume.root, "a", 0o644);
      write(file, 0, "old");
      volume.settle();
      write(file, 0, "new");
    });
    expect([...left].sort()).toEqual(["new", "old"]);
  });

  test("loses or keeps each sector for itself", () => {
    const left = outcomes((volume) => {
      const file = volume.create(volume.root, "a", 0o644);
      write(file, 0, "o".repeat(1024));
      volume.settle();
      write(file, 0, "n".repeat(1024));
    });
    const sectors = [...left].map((found = "") => `${found.slice(0, 1)}${found.slice(512, 513)}`);
    expect(sectors.sort()).toEqual(["nn", "no", "on", "oo"]);
  });

  test("may forget a name whose directory was not synced, though the file was", () => {
    const left = outcomes((volume) => {
      const file = volume.create(volume.root, "a", 0o644);
      write(file, 0, "synced");
      file.content.beginSync()();
    });
    expect(left).toEqual(new Set([undefined, "synced"]));
  });

  test("renames all at once or not at all", () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const volume = new Volume();
      write(volume.create(volume.root, "a", 0o644), 0, "x");
      volume.settle();
      const file = fileNamed(volume, "a");
      volume.change(volume.root, [
        ["b", file],
        ["a", undefined],
      ]);
      volume.losePower(new Random(seed));
      expect(volume.root.entries.size).toBe(1);
    }
  });

  test("does not make the data of a failed sync durable, not even with the next sync", () => {
    const left = outcomes((volume) => {
      const file = volume.create(volume.root, "a", 0o644);
      write(file, 0, "old");
      volume.settle();
      write(file, 0, "new");
      file.content.failSync();
      file.content.beginSync()();
    });
    expect([...left]).toEqual(["old"]);
  });

  test("gives nodes new ids, so that cached data is not used", () => {
    const volume = new Volume();
    const { id } = volume.create(volume.root, "a", 0o644);
    volume.settle();
    volume.losePower(new Random(1));
    expect(fileNamed(volume, "a")?.id).not.toBe(id);
    expect(volume.node(id)).toBeUndefined();
  });
});

describe("a disk", () => {
  test("has a capacity in whole blocks", () => {
    const volume = new Volume();
    volume.capacityBytes = 8192;
    write(volume.create(volume.root, "a", 0o644), 0, "x");
    expect(volume.hasSpace(4096)).toBe(true);
    expect(volume.hasSpace(4097)).toBe(false);
  });

  test("fails only the planned sync", () => {
    const faults = new DiskFaults();
    faults.failSync("EIO", 2);
    const syncs: string[] = [];
    const sync = () =>
      faults.sync(
        () => syncs.push("done"),
        () => syncs.push("failed"),
      );
    const replies = [sync(), sync(), sync()];
    expect(syncs).toEqual(["done", "failed", "done"]);
    expect(replies[1]).toBe(5);
  });

  test("that hangs answers once it is released, and makes nothing durable if the power goes first", async () => {
    for (const [end, expected] of [
      ["release", ["done"]],
      ["abort", []],
    ] as const) {
      const faults = new DiskFaults();
      faults.hangs = true;
      const done: string[] = [];
      const reply = faults.sync(
        () => done.push("done"),
        () => {},
      );
      expect(done).toEqual([]);
      faults[end]();
      await reply;
      expect(done).toEqual(expected);
    }
  });
});
