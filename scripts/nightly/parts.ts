/** One part of the nightly: a command, and what it is given besides. */
export interface Part {
  readonly name: string;
  /** The work that it does in addition to the gate. */
  readonly what: string;
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** Fresh seeds of a night. */
export const SEEDS = 20_000;

/** Only a hang takes so long, in ms. */
const HANG_MS = 4 * 3600_000;

function npm(script: string, ...flags: readonly string[]): string[] {
  return ["npm", "run", "--silent", script, "--", ...flags];
}

function vitest(...flags: readonly string[]): string[] {
  return ["npx", "vitest", "run", "--testTimeout", `${HANG_MS}`, ...flags];
}

/** @param from the first of the fresh seeds */
export function partsFrom(from: number): readonly Part[] {
  return [
    {
      name: "seeds",
      what: `${SEEDS} fresh seeds, from ${from}`,
      command: npm("sim", "--seeds", `${SEEDS}`, "--from", `${from}`),
    },
    {
      name: "pinned",
      what: "all pinned seeds on Bun, and on Node with an abstract Raft beside each",
      command: vitest(
        "test/testing/simulator/pinned-on-node.test.ts",
        "test/testing/simulator/pinned-on-bun.test.ts",
      ),
      environment: { SEEDS_ON_NODE: "200", SEEDS_ON_BUN: "200" },
    },
    { name: "mutants", what: "each mutant, searched for from seed 1", command: npm("mutants") },
    { name: "labs", what: "each test of the labs, 100 seeds", command: npm("labs") },
    { name: "explore", what: "every run up to 13 actions", command: npm("explore", "--depth", "13") },
    {
      name: "disks",
      what: "more flipped bits, more remains of each power cut",
      command: vitest("test/adapters/bun-sqlite/flips.test.ts", "test/adapters/power-cuts"),
      environment: { FLIPS: "29", POWER_CUTS: "30" },
    },
    {
      name: "bytes",
      what: "a million hostile messages",
      command: vitest("test/rpc/hostile-bytes.test.ts"),
      environment: { HOSTILE_MESSAGES: "1000000" },
    },
    {
      name: "frames",
      what: "ten million altered messages to a replica with a secret",
      command: npm("frames", "--frames", "10000000"),
    },
    {
      name: "clerks",
      what: "3,600 clerks at once",
      command: vitest("test/kvraft/many-clerks.test.ts"),
      environment: { CLERKS: "3600" },
    },
    {
      name: "chaos",
      what: "durio in real processes, two minutes",
      command: npm("chaos", "--minutes", "2", "--seconds", "20"),
    },
  ];
}
