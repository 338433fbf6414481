import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isOurs, root, sourceFiles } from "./tidy/source-files.ts";

/**
 * The house, as a table: what each folder may import. Folders of ours are named by their path; anything else is
 * a package, or a runtime's module. A folder is entered by its index.ts only.
 */
const house: Readonly<Record<string, readonly string[]>> = {
  "src/raft": [],
  "src/kv": [],
  "src/ports": ["src/raft"],
  "src/rpc": ["src/ports", "src/raft", "hono", "cbor-x"],
  "src/replica": ["src/rpc", "src/ports", "src/raft"],
  "src/record": ["src/ports", "src/raft", "cbor-x", "crc-32"],
  "src/kvraft": ["src/kvraft/forwarding", "src/replica", "src/rpc", "src/ports", "src/raft", "src/kv"],
  "src/kvraft/forwarding": ["src/replica", "src/rpc", "src/ports", "src/raft", "src/kv"],
  "src/service": ["src/kvraft", "src/ports", "src/raft", "hono", "valibot"],
  "src/runtime": ["node:", "hono", "@hono/node-server"],
  "transports/loopback": ["src/rpc", "src/ports", "src/raft"],
  "transports/http": ["src/rpc", "src/ports", "src/raft", "hono", "node:"],
  "transports/nats": ["src/rpc", "src/ports", "src/raft", "nats"],
  "adapters/memory": ["src/ports", "src/raft", "adapters/shared"],
  "adapters/file": [
    "src/ports",
    "src/raft",
    "adapters/shared",
    "adapters/checksum",
    "adapters/directories",
    "node:",
  ],
  "adapters/bun-sqlite": [
    "src/ports",
    "src/raft",
    "adapters/shared",
    "adapters/checksum",
    "adapters/directories",
    "bun:",
    "node:",
  ],
  "adapters/directories": ["src/ports", "node:"],
  "adapters/checksum": ["crc-32", "node:zlib"],
  "adapters/shared": ["src/ports", "src/raft"],
  "src/testing": [
    "src/kvraft",
    "src/kvraft/forwarding",
    "src/replica",
    "src/rpc",
    "src/ports",
    "src/raft",
    "src/kv",
    "adapters/file",
    "crc-32",
  ],
  "src/durio": [
    "src/service",
    "src/runtime",
    "src/kvraft",
    "src/replica",
    "src/record",
    "src/rpc",
    "src/ports",
    "src/raft",
    "transports/http",
    "transports/loopback",
    "transports/nats",
    "adapters/bun-sqlite",
    "adapters/file",
    "adapters/memory",
    "node:",
    "commander",
    "fastest-levenshtein",
    "@logtape/logtape",
    "valibot",
    "@valibot/to-json-schema",
    "hono",
  ],
  src: ["src/ports", "src/raft", "src/replica"],
};

const files = ["src", "transports", "adapters"].flatMap(sourceFiles);

/** The row of the table that a file of ours stands in. */
function folderOf(path: string): string {
  const folders = Object.keys(house).sort((a, b) => b.length - a.length);
  return folders.find((folder) => path.startsWith(`${folder}/`)) ?? `no row for ${path}`;
}

describe("the house", () => {
  test("every folder imports only what its row allows", () => {
    const strays = files.flatMap(({ path, imports }) => {
      const folder = folderOf(path);
      const allowed = house[folder] ?? [];
      return imports
        .filter((specifier) =>
          isOurs(specifier)
            ? folderOf(specifier) !== folder && !allowed.includes(folderOf(specifier))
            : !allowed.some(
                (name) => specifier === name || specifier.startsWith(name.endsWith(":") ? name : `${name}/`),
              ),
        )
        .map((specifier) => `${path} imports ${specifier}`);
    });
    expect(strays).toEqual([]);
  });

  test("nobody reaches past a folder's index.ts", () => {
    const burglars = files.flatMap(({ path, imports }) =>
      imports
        .filter((specifier) => isOurs(specifier) && folderOf(specifier) !== folderOf(path))
        .filter((specifier) => specifier !== join(folderOf(specifier), "index.ts"))
        .map((specifier) => `${path} reaches into ${specifier}`),
    );
    expect(burglars).toEqual([]);
  });

  test("no imports run in a circle", () => {
    const everything = [...files, ...["test", "bench", "scripts", "examples"].flatMap(sourceFiles)];
    const importsOf = new Map(everything.map(({ path, imports }) => [path, imports.filter(isOurs)]));
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (path: string, trail: readonly string[]) => {
      if (trail.includes(path)) circles.push([...trail.slice(trail.indexOf(path)), path].join(" > "));
      else if (!done.has(path)) {
        for (const next of importsOf.get(path) ?? []) visit(next, [...trail, path]);
        done.add(path);
      }
    };
    for (const { path } of everything) visit(path, []);
    expect(circles).toEqual([]);
  });

  test.skipIf(!existsSync(join(root, ".git")))("a file is either ignored or tracked, and never both", () => {
    const both = execFileSync("git", ["ls-files", "--cached", "--ignored", "--exclude-standard"], {
      cwd: root,
    });
    expect(both.toString()).toBe("");
  });
});
