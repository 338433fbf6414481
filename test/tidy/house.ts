/**
 * The architecture as a table of allowed imports by folder. The project's folders are named by their path; anything
 * else is a package, or a runtime's module. A folder is entered by its index.ts only.
 */
export const house: Readonly<Record<string, readonly string[]>> = {
  "src/raft": [],
  "src/kv": [],
  "src/ports": ["src/raft"],
  "src/rpc": ["src/ports", "src/raft", "hono", "cbor-x"],
  "src/replica": ["src/rpc", "src/ports", "src/raft"],
  "src/record": ["src/ports", "src/raft", "cbor-x", "crc-32"],
  "src/kvraft": ["src/kvraft/forwarding", "src/replica", "src/rpc", "src/ports", "src/raft", "src/kv"],
  "src/kvraft/forwarding": ["src/replica", "src/rpc", "src/ports", "src/raft", "src/kv"],
  "src/service": ["src/kvraft", "src/ports", "src/raft", "hono"],
  "src/runtime": ["node:", "@hono/node-server"],
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
  "adapters/seal": ["src/ports", "node:crypto"],
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
    "@peculiar/x509",
    "reflect-metadata",
    "valibot",
    "@valibot/to-json-schema",
    "hono",
  ],
  src: ["src/ports", "src/raft", "src/replica"],
};

/** The row of the table for a file of ours. */
export function folderOf(path: string): string {
  const folders = Object.keys(house).sort((a, b) => b.length - a.length);
  return folders.find((folder) => path.startsWith(`${folder}/`)) ?? `no row for ${path}`;
}
