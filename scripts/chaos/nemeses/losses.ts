import { cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ChaosReplica } from "../cluster/replica.ts";
import type { Nemesis, World } from "./nemesis.ts";

/** Copies of data directories are kept here, beside the disks. */
function copyOf(replica: ChaosReplica): string {
  return join(replica.disk.directory, "copy");
}

function save(replica: ChaosReplica): void {
  rmSync(copyOf(replica), { recursive: true, force: true });
  copyFiles(replica.dataDirectory, copyOf(replica));
}

function bringBack(replica: ChaosReplica, copy: string): void {
  rmSync(replica.dataDirectory, { recursive: true, force: true });
  copyFiles(copy, replica.dataDirectory);
}

/** Skips the lock, which may be a socket. */
function copyFiles(from: string, to: string): void {
  cpSync(from, to, { recursive: true, filter: (path) => !statSync(path).isSocket() });
}

/**
 * Damages a replica's data while it is down. A replica that notices refuses to start and says why. Then its data is
 * restored, and it must continue.
 */
async function harm(
  world: World,
  replica: ChaosReplica,
  excuse: string,
  act: () => Promise<void> | void,
): Promise<void> {
  await replica.kill();
  save(replica);
  await act();
  await replica.disk.settle();
  replica.excuse = excuse;
  replica.start();
  await world.up(replica);
  // A replica that asks its peers first may find out later.
  for (let waited = 0; replica.isRunning && waited < 4000; waited += 100) await world.sleep(100);
}

const bitFlip: Nemesis = {
  kind: "bit-flip",
  weight: 2,
  group: "process",
  fits: () => true,
  async run(world) {
    const replica = world.random.pick(world.cluster.replicas);
    if (!replica.isRunning) return;
    const end = world.hit([replica.id]);
    await harm(world, replica, "a bit of its data was flipped", () => flip(world, replica));
    if (!replica.isRunning) {
      bringBack(replica, copyOf(replica));
      await replica.disk.settle();
      replica.excuse = undefined;
      replica.start();
      await world.up(replica);
    }
    end();
  },
};

/** Each kind of file is equally likely, because most bytes are in few of them. */
function flip(world: World, replica: ChaosReplica): void {
  const files = readdirSync(replica.dataDirectory, { recursive: true, encoding: "utf8" })
    .map((name) => join(replica.dataDirectory, name))
    .filter((path) => statSync(path).isFile() && statSync(path).size > 0);
  const kinds = [...new Set(files.map(kindOf))];
  const kind = world.random.pick(kinds);
  const file = world.random.pick(files.filter((path) => kindOf(path) === kind));
  const bytes = readFileSync(file);
  // Files are longer than their content, and the rest of a file does not count.
  const used = bytes.findLastIndex((byte) => byte !== 0) + 1;
  const at = world.random.whole(0, Math.max(0, used - 1));
  bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << world.random.whole(0, 7)), at);
  writeFileSync(file, bytes);
  world.note(`bit flipped in ${file.slice(replica.dataDirectory.length + 1)} at byte ${at} of ${used}`);
}

/** Returns a name without its numbers. */
function kindOf(path: string): string {
  return path.replaceAll(/[0-9a-f]{4,}|\d+/g, "#");
}

const wipe: Nemesis = {
  kind: "wipe",
  group: "process",
  fits: () => true,
  async run(world) {
    const replica = world.random.pick(world.cluster.replicas);
    if (!replica.isRunning) return;
    const end = world.hit([replica.id]);
    await harm(world, replica, "its data was wiped", () => {
      rmSync(replica.dataDirectory, { recursive: true, force: true });
    });
    // Whether it still asks its peers or has stopped, it has promised nothing, so its data can be restored.
    await replica.kill();
    bringBack(replica, copyOf(replica));
    await replica.disk.settle();
    replica.excuse = undefined;
    replica.start();
    await world.up(replica);
    end();
  },
};

/** Restores an older copy of a replica's data. It must not continue as if nothing had happened. */
const olderCopy: Nemesis = {
  kind: "older-copy",
  group: "process",
  isLast: true,
  fits: () => true,
  async run(world) {
    const replica = world.random.pick(world.cluster.replicas);
    if (!replica.isRunning) return;
    const old = join(replica.disk.directory, "old");
    const end = world.hit([replica.id]);
    await replica.kill();
    rmSync(old, { recursive: true, force: true });
    copyFiles(replica.dataDirectory, old);
    await replica.disk.settle();
    replica.start();
    await world.up(replica);
    await world.sleep(world.random.whole(1000, 4000));
    // It is not restored, because what it promises meanwhile would be lost.
    replica.isLeftAlone = true;
    await harm(world, replica, "its data is replaced by an older copy", () => bringBack(replica, old));
    end();
  },
};

export const losses: readonly Nemesis[] = [bitFlip, wipe, olderCopy];
