/**
 * A disk process that loses what was not synced at a power failure. Mounts a file system in memory at the given
 * directory by /dev/fuse, and executes the JSON lines on its standard input.
 */
import { spawnSync } from "node:child_process";
import { openSync, read, writevSync } from "node:fs";
import process from "node:process";
import { createInterface } from "node:readline";
import { Random } from "../random.ts";
import type { DiskCommand } from "./commands.ts";
import { DiskFaults } from "./faults.ts";
import { type FuseReply, Requests } from "./requests.ts";
import { Volume } from "./volume.ts";
import { MAX_WRITE_BYTES, readRequest, replyHeader } from "./wire.ts";

const READERS = 2;
const ENODEV = "ENODEV";

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new RangeError("directory: the mount point is required");

const volume = new Volume();
const faults = new DiskFaults();
const requests = new Requests(volume, faults);
const device = openSync("/dev/fuse", "r+");
const options = `fd=3,rootmode=40000,user_id=${process.getuid?.() ?? 0},group_id=${process.getgid?.() ?? 0},allow_other`;
const mounted = spawnSync("mount", ["-i", "-t", "fuse", "-o", options, "chaos", directory], {
  stdio: ["ignore", "ignore", "inherit", device],
});
if (mounted.status !== 0)
  throw new Error(`${directory} can't be mounted: mount ended with ${mounted.status}`);
for (let reader = 0; reader < READERS; reader++) serve();
console.log("mounted");

/** One request at a time. */
function serve(): void {
  const buffer = Buffer.alloc(MAX_WRITE_BYTES + 2 ** 16);
  const next = () => read(device, buffer, 0, buffer.length, null, take);
  const take = (error: NodeJS.ErrnoException | null, length: number) => {
    if (error?.code === ENODEV) process.exit(0);
    if (error === null) {
      const request = readRequest(buffer.subarray(0, length));
      const reply = requests.answer(request);
      if (reply instanceof Promise) reply.then((later) => send(request.unique, later));
      else send(request.unique, reply);
    }
    next();
  };
  next();
}

/** An interrupted request no longer needs a reply. */
function send(unique: bigint, reply: FuseReply): void {
  if (reply === undefined) return;
  try {
    if (typeof reply === "number") writevSync(device, [replyHeader(unique, reply, 0)]);
    else writevSync(device, [replyHeader(unique, 0, reply.length), reply]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

createInterface({ input: process.stdin }).on("line", (line) => {
  obey(JSON.parse(line) as DiskCommand);
  console.log("done");
});

function obey(command: DiskCommand): void {
  switch (command.type) {
    case "slow":
      faults.syncDelayMs = command.syncDelayMs;
      return;
    case "fail":
      faults.failSync(command.error, command.at);
      return;
    case "hang":
      faults.hangs = true;
      return;
    case "release":
      faults.release();
      return;
    case "limit":
      volume.capacityBytes =
        command.freeBytes === undefined ? Number.POSITIVE_INFINITY : limitFor(command.freeBytes);
      return;
    case "losePower":
      faults.abort();
      volume.losePower(new Random(command.seed, "power"));
      return;
    case "settle":
      volume.settle();
      return;
  }
}

function limitFor(freeBytes: number): number {
  volume.capacityBytes = 0;
  return volume.usedBytes() + freeBytes;
}
