import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { nodeDisk } from "../../../adapters/file/index.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const program = join(root, "test/adapters/file/lock-process.ts");
const bun = [join(root, "node_modules/.bin/bun")];
const deno = [join(root, "node_modules/.bin/deno"), "run", "--allow-all"];
const namespace = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"];
const hasNamespaces = spawnSync(namespace[0] ?? "", [...namespace.slice(1), "true"]).status === 0;

const disk = nodeDisk();
let directory = "";
const children: ChildProcessWithoutNullStreams[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "ruaft-"));
});

afterEach(async () => {
  for (const child of children.splice(0)) await kill(child);
  await rm(directory, { recursive: true });
});

interface Starter {
  readonly child: ChildProcessWithoutNullStreams;
  /** `held`, or why not. */
  readonly said: string;
}

async function start(command: readonly string[], path = directory): Promise<Starter> {
  const [name = "", ...args] = command;
  const child = spawn(name, [...args, program, path]);
  children.push(child);
  child.stderr.on("data", (bytes) => process.stderr.write(bytes));
  let said = "";
  for await (const bytes of child.stdout.iterator({ destroyOnReturn: false })) {
    said += bytes;
    if (said.includes("\n")) break;
  }
  return { child, said: said.trim() };
}

async function kill(child: ChildProcessWithoutNullStreams): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

describe.each([
  ["Bun", bun],
  ["Deno", deno],
] as const)("between Node and %s", (_, command) => {
  test("the holder is respected, and named with its host and since when", async () => {
    const { child, said } = await start(command);
    expect(said).toBe("held");
    const held = `${directory} is in use by process ${child.pid} on ${hostname()} since 2`;
    await expect(disk.lock(directory)).rejects.toMatchObject({
      reason: "locked",
      message: expect.stringContaining(held),
    });
    await kill(child);
    const lock = await disk.lock(directory);
    expect((await start(command)).said).toContain(`${directory} is in use by process ${process.pid} on`);
    await lock[Symbol.asyncDispose]();
    expect((await start(command)).said).toBe("held");
  });

  test("of many processes that start at once with the lock of a killed one, exactly one gets it", async () => {
    for (let round = 0; round < 3; round++) {
      const starters = await Promise.all(Array.from({ length: 6 }, () => start(command)));
      const winners = starters.filter(({ said }) => said === "held");
      expect(winners).toHaveLength(1);
      for (const { said } of starters) expect(said).toMatch(/^held$|is in use by/);
      for (const { child } of winners) await kill(child);
    }
  });

  test("a path that is too long for a socket is no obstacle", async () => {
    const long = join(directory, "x".repeat(120));
    await mkdir(long);
    const { child, said } = await start(command, long);
    expect(said).toBe("held");
    await expect(disk.lock(long)).rejects.toThrow(`in use by process ${child.pid}`);
    await kill(child);
    await (await disk.lock(long))[Symbol.asyncDispose]();
    expect(await readdir(long)).toEqual(["lock.2"]);
  });
});

test("a holder that is stopped still holds the lock", async () => {
  const { child } = await start(bun);
  child.kill("SIGSTOP");
  await expect(disk.lock(directory)).rejects.toThrow(/in use by a process that does not answer/);
  child.kill("SIGCONT");
});

test.skipIf(!hasNamespaces)(
  `a holder in another PID namespace, of the same number, is respected${hasNamespaces ? "" : ": needs unshare and its rights"}`,
  async () => {
    const first = await start([...namespace, ...bun]);
    expect(first.said).toBe("held");
    expect((await start([...namespace, ...bun])).said).toContain(`${directory} is in use by process 1 on`);
    await expect(disk.lock(directory)).rejects.toMatchObject({ reason: "locked" });
    await kill(first.child);
    expect((await start([...namespace, ...deno])).said).toBe("held");
  },
);
