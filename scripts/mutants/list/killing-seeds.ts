import { readFileSync, writeFileSync } from "node:fs";

const file = new URL("./killing-seeds.txt", import.meta.url);

/** For each mutant by its id a seed of profile full that finds it. One mutant a line in the file: the id, the seed. */
export function killingSeeds(): Map<string, number> {
  const lines = readFileSync(file, "utf8").trim().split("\n");
  return new Map(lines.map((line) => line.split(" ")).map(([id = "", seed]) => [id, Number(seed)]));
}

/** Pins the seeds of some mutants, and keeps those of the others. */
export function pinKillingSeeds(found: ReadonlyMap<string, number>): void {
  const seeds = new Map([...killingSeeds(), ...found]);
  const sorted = [...seeds].sort(
    ([a], [b]) => Number.parseInt(a, 10) - Number.parseInt(b, 10) || (a < b ? -1 : 1),
  );
  writeFileSync(file, sorted.map(([id, seed]) => `${id} ${seed}\n`).join(""));
}
