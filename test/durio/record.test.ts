import { execFile } from "node:child_process";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Durio, eventually, freePorts, leaderOf, Plan, read, Workshop, write } from "./processes.ts";

let workshop: Workshop;
beforeEach(async () => {
  workshop = await Workshop.open();
});
afterEach(() => workshop[Symbol.asyncDispose]());

const inProject = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

interface Replayed {
  readonly code: number;
  readonly output: string;
}

/** Runs `scripts/replay.ts` as a developer does. */
function replay(...args: string[]): Promise<Replayed> {
  const command = [inProject("scripts/replay.ts"), ...args];
  return new Promise((resolve) => {
    execFile(inProject("node_modules/.bin/bun"), command, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, output: stdout + stderr });
    });
  });
}

const runtimes = ["bun", "node", "deno"] as const;
const valueBytes = 8192;

test("three processes under load, one of them killed with SIGKILL, replay without a difference", async () => {
  const plan = new Plan(await freePorts(3));
  const start = (turn: number): Promise<Durio> => {
    // The log is compacted often, so snapshots are taken, and sent to the replica that was killed.
    const flags = ["--record", `n${turn + 1}.record`, "--compact-log-mib", "1", "--retained-log-mib", "1"];
    const runtime = runtimes[turn] ?? "bun";
    return workshop.serveWith({ runtime }, plan.url(turn), ...plan.flags(turn), ...flags);
  };
  const replicas = await Promise.all([start(0), start(1), start(2)]);
  const leader = await leaderOf(plan.urls);
  const put = (turn: number, n: number) =>
    write(plan.url(turn), "put", `k${n % 7}`, "v".repeat(valueBytes) + n);
  let turn = leader;
  const stopped = new AbortController();
  const writing = Array.from({ length: 8 }, async (_, n) => {
    while (!stopped.signal.aborted) await put(turn, n).catch(() => undefined);
  });

  const recorded = async (replica: number) => (await stat(recordOf(replica))).size;
  await eventually(async () => (await recorded(leader)) > 2 << 20);
  await replicas[leader]?.kill("SIGKILL");
  turn = leader + 1;
  const before = await recorded((leader + 1) % 3);
  await eventually(async () => (await recorded((leader + 1) % 3)) > before + (3 << 20));
  replicas[leader] = await start(leader);
  stopped.abort();
  await Promise.all(writing);
  await eventually(async () => (await put(leader, 8)).status === 200);
  await eventually(async () => (await read(plan.url(leader), "k1")) === `${"v".repeat(valueBytes)}8`);
  for (const replica of replicas) expect((await replica?.kill("SIGTERM"))?.code).toBe(0);

  const records = (await readdir(workshop.directory)).filter((name) => name.includes(".record")).sort();
  expect(records).toEqual(["n1.record", "n2.record", "n3.record", `n${leader + 1}.record.2`].sort());
  for (const record of records) {
    const { code, output } = await replay(join(workshop.directory, record));
    expect(output).toMatch(/: \d+ inputs, \d+ turns, no difference\n$/);
    expect(code).toBe(0);
    expect((await stat(join(workshop.directory, record))).mode & 0o077, "holds all values").toBe(0);
  }
});

function recordOf(turn: number): string {
  return join(workshop.directory, `n${turn + 1}.record`);
}

test("the replay reports what is wrong with a record, and its own usage", async () => {
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const replica = await workshop.serve(
    url,
    "--listen",
    `${port}`,
    "--peers",
    `n1=${url}`,
    "--record",
    "n1.record",
  );
  expect((await write(url, "put", "k", "v")).status).toBe(200);
  await replica.kill("SIGTERM");
  const bytes = await readFile(recordOf(0));
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 8;
  const flipped = join(workshop.directory, "flipped");
  await writeFile(flipped, bytes);
  expect(await replay(flipped)).toEqual({
    code: 2,
    output: expect.stringMatching(
      /flipped: the item at byte \d+ does not match its checksum: damaged, or not a record\n$/,
    ),
  });
  const short = join(workshop.directory, "short");
  await writeFile(short, "a few\n");
  expect(await replay(short)).toEqual({ code: 2, output: `${short}: no record\n` });
  const missing = join(workshop.directory, "missing");
  expect(await replay(missing)).toEqual({ code: 2, output: expect.stringContaining("ENOENT") });
  expect(await replay()).toEqual({ code: 2, output: "usage: bun scripts/replay.ts FILE\n" });
});

test("a record that can't be created is reported in one sentence, and nothing starts", async () => {
  const durio = workshop.start(
    "serve",
    "--persister",
    "memory",
    "--listen",
    "0",
    "--record",
    "missing/n1.record",
  );
  expect((await durio.exited).code).toBe(2);
  expect(durio.stderr).toContain("record: can't create missing/n1.record: ENOENT");
  expect(durio.stderr).toContain("choose another file");
  expect(durio.stderr).not.toContain(" at ");
});
