import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const writer = [
  join(root, "node_modules/.bin/bun"),
  join(root, "test/adapters/bun-sqlite/writer.ts"),
] as const;

interface Found {
  readonly term: number;
  readonly snapshot?: { readonly lastIncludedIndex: number };
  readonly prevLogIndex: number;
  readonly log: number;
  readonly bytes?: number;
}

/** What a writer acknowledged before it was killed at its n-th sync; undefined if it had fewer. */
async function killedAt(sync: number, file: string): Promise<string[] | undefined> {
  const inject = `inject=fsync,fdatasync:signal=SIGKILL:when=${sync}`;
  const args = [
    "-f",
    "-qq",
    "-e",
    "trace=fsync,fdatasync",
    "-e",
    inject,
    "-o",
    "/dev/null",
    ...writer,
    file,
    "write",
  ];
  try {
    await promisify(execFile)("strace", args);
    return undefined;
  } catch (error) {
    const { signal, stdout, stderr } = error as { signal?: string; stdout: string; stderr: string };
    if (signal !== "SIGKILL") throw new Error(`the writer was not killed: ${stderr}`, { cause: error });
    return stdout.split("\n").filter(Boolean);
  }
}

const hasStrace = spawnSync("strace", ["--version"]).status === 0;

test.skipIf(!hasStrace)(
  `a SIGKILL at any sync leaves what was acknowledged${hasStrace ? "" : ": needs strace"}`,
  async () => {
    let kills = 0;
    for (let sync = 1; ; sync++) {
      const directory = await mkdtemp(join(tmpdir(), "ruaft-"));
      const file = join(directory, "replica.sqlite");
      const acknowledged = await killedAt(sync, file);
      if (acknowledged === undefined) break;
      kills++;
      const { stdout } = await promisify(execFile)(writer[0], [writer[1], file, "read"]);
      const found: Found = JSON.parse(stdout);
      const terms = acknowledged.filter((line) => line.startsWith("term")).length;
      expect(found.term, `killed at sync ${sync}`).toBeGreaterThanOrEqual(terms);
      expect(found.prevLogIndex + found.log, `killed at sync ${sync}`).toBeGreaterThanOrEqual(terms);
      if (acknowledged.includes("snapshot 4"))
        expect(found).toMatchObject({ prevLogIndex: 4, bytes: 15_000 });
      await rm(directory, { recursive: true });
    }
    expect(kills, "as many syncs as there are commits, at least").toBeGreaterThanOrEqual(10);
  },
);
