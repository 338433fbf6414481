import { readFileSync } from "node:fs";

export const pinnedFile: URL = new URL("./pinned-hashes.txt", import.meta.url);

export const FIRST_SEED = 1;

/** The hash of all events of each of the fixed seeds, one a line as `--hashes` prints them. */
export function pinnedHashes(): string[] {
  return readFileSync(pinnedFile, "utf8").trim().split("\n");
}

export const HOW_TO_PIN: string =
  "The runs have changed. If that is intended, pin them again: " +
  "npm run sim -- --seeds 200 --from 1 --profile quick --hashes | grep -E '^[0-9]+ [0-9a-f]{16}$' " +
  "> test/testing/simulator/pinned-hashes.txt";
