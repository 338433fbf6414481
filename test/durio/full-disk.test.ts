import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Durio, eventually, freePorts, leaderOf, Plan, read, Workshop, write } from "./processes.ts";

/** Space for exactly one segment of the log, of 16 MiB. */
const small = "20m";
const large = "80m";

let workshop: Workshop;
let plan: Plan;
let parent = "";
const mounts: string[] = [];

function mount(directory: string, size: string, ...options: string[]): boolean {
  const flags = ["-t", "tmpfs", "-o", [...options, `size=${size}`].join(), "tmpfs", directory];
  return spawnSync("mount", flags).status === 0;
}

const canMount = (() => {
  const probe = mkdtempSync(join(tmpdir(), "durio-"));
  const mounted = mount(probe, "1m");
  if (mounted) spawnSync("umount", [probe]);
  rmSync(probe, { recursive: true });
  return mounted;
})();

beforeEach(async () => {
  workshop = await Workshop.open();
  plan = new Plan(await freePorts(3));
  parent = mkdtempSync(join(tmpdir(), "durio-"));
});

afterEach(async () => {
  await workshop[Symbol.asyncDispose]();
  for (const directory of mounts.splice(0)) spawnSync("umount", [directory]);
  rmSync(parent, { recursive: true });
});

function startReplica(turn: number): Promise<Durio> {
  const flags = ["--data-dir", join(parent, `disk${turn}`, "data"), "--request-timeout-ms", "2000"];
  return workshop.serve(plan.url(turn), ...plan.flags(turn), ...flags);
}

interface Status {
  readonly term: number;
  readonly disk: { readonly shortage: string | null };
}

async function statusOf(turn: number): Promise<Status> {
  return (await fetch(`${plan.url(turn)}/status`)).json() as Promise<Status>;
}

/** Another program takes all free space. */
function fillUp(directory: string): void {
  try {
    writeFileSync(join(directory, "filler"), new Uint8Array(32 * 1024 * 1024));
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
  }
}

test.skipIf(!canMount)(
  `with all disks full replicas serve reads and start, and they recover when there is space${canMount ? "" : ": needs the right to mount"}`,
  async () => {
    for (const turn of [0, 1, 2]) {
      const directory = join(parent, `disk${turn}`);
      mkdirSync(directory);
      if (!mount(directory, small)) throw new Error(`can't mount ${directory}`);
      mounts.push(directory);
    }
    const replicas = await Promise.all([0, 1, 2].map(startReplica));
    await leaderOf(plan.urls);
    expect((await write(plan.url(0), "put", "first", "value")).status).toBe(200);
    const megabyte = "x".repeat(1_000_000);
    let written = 0;
    while ((await write(plan.url(0), "put", "large", megabyte)).status === 200) written++;
    expect(written).toBeGreaterThan(10);
    for (const directory of mounts) fillUp(directory);

    const leader = await leaderOf(plan.urls);
    await eventually(async () =>
      /disk is full.*stores no new entries/.test((await statusOf(leader)).disk.shortage ?? ""),
    );
    await eventually(() => replicas[leader]?.stderr.includes("the disk is full"));
    const { term } = await statusOf(leader);
    for (const url of plan.urls) expect(await read(url, "first")).toBe("value");
    expect((await write(plan.url(0), "put", "second", "value")).status).toBe(503);

    const follower = (leader + 1) % 3;
    await replicas[follower]?.kill("SIGKILL");
    await startReplica(follower);
    expect(await eventually(() => read(plan.url(follower), "first"))).toBe("value");
    expect((await statusOf(leader)).term).toBe(term);

    for (const directory of mounts) {
      rmSync(join(directory, "filler"), { force: true });
      mount(directory, large, "remount");
    }
    await eventually(async () => (await write(plan.url(1), "put", "third", "value")).status === 200);
    await eventually(async () => {
      return (await Promise.all([0, 1, 2].map(statusOf))).every(({ disk }) => disk.shortage === null);
    });
    expect(await read(plan.url(2), "first")).toBe("value");
  },
);
