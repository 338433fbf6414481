import type { Measure } from "../core/main.ts";
import { alternate, type Contender, type Figures, type Result, type Run, type Suite } from "../suite.ts";
import { spawnChild } from "../systems/children.ts";

const program = new URL("../core/main.ts", import.meta.url).pathname;

export const coreSuite: Suite = {
  name: "core",
  byNameOnly: true,
  about: "three cores alone, and three replicas of class Raft in one process, without any I/O",
  async run(run: Run): Promise<readonly Result[]> {
    const results: Result[] = [];
    for (const batch of [1, 32, 256]) {
      const contender = subject("core", "cores", batch, run);
      results.push(
        ...(await alternate(run, "core", `${batch} ${batch === 1 ? "entry" : "entries"}`, [contender])),
      );
    }
    const raft = subject("Raft", "rafts", 64, run);
    results.push(...(await alternate(run, "core", "64 proposers", [raft])));
    return results;
  },
};

function subject(name: string, measure: "cores" | "rafts", batch: number, { seconds }: Run): Contender {
  return {
    name,
    async measure() {
      const speed = await ask(measure, batch, seconds);
      const allocation = await ask(`${measure}-allocation`, batch, seconds, ["env", "BUN_JSC_useGC=0"]);
      return { ...speed, ...allocation };
    },
  };
}

async function ask(
  measure: Measure,
  batch: number,
  seconds: number,
  around: readonly string[] = [],
): Promise<Figures> {
  const flags = [measure, "--batch", `${batch}`, "--seconds", `${Math.min(seconds, 2)}`];
  const child = spawnChild([...around, process.execPath, program, ...flags], "pipe");
  const output = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new Error(`bench/core ended with ${child.exitCode}`);
  return JSON.parse(output) as Figures;
}
