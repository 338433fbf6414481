import { execFile } from "node:child_process";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { mutants } from "../../../scripts/mutants/list/index.ts";
import { mutatedCopy } from "../../../scripts/mutants/mutated-copy.ts";
import { PATIENT_MS, runScript } from "./bun-script.ts";

interface Verdict {
  readonly id: string;
  readonly fate: { readonly type: string; readonly property?: string; readonly message?: string };
}

/** One process judges all of them, two at a time. */
const judged: Promise<ReadonlyMap<string, Verdict>> = judgeAll();

async function judgeAll(): Promise<ReadonlyMap<string, Verdict>> {
  const { output, errors } = await runScript("scripts/mutants/main.ts", "--pinned", "--json");
  const lines = output.trimEnd().split("\n");
  const stale = lines.filter((line) => line.includes("pin again"));
  if (stale.length > 0) console.log(stale.join("\n"));
  const json = lines.at(-1) ?? "";
  if (!json.startsWith("[")) throw new Error(output + errors);
  const verdicts: readonly Verdict[] = JSON.parse(json);
  return new Map(verdicts.map((verdict) => [verdict.id, verdict]));
}

test.each(mutants.filter(({ rare }) => rare === undefined).map(({ id }) => id))(
  "mutant %s is found by its pinned seed, or by another one",
  async (id) => {
    const fate = (await judged).get(id)?.fate;
    expect(fate, fate?.message).toMatchObject({ type: "caught" });
  },
  PATIENT_MS,
);

const root = fileURLToPath(new URL("../../..", import.meta.url));
const rare = mutants.flatMap(({ id, rare: file }) => (file === undefined ? [] : [[id, file] as const]));

test.each(rare)(
  "mutant %s, which the simulator seldom finds, is found by %s",
  async (id, file) => {
    await using copy = await mutatedCopy(id);
    for (const part of ["test", "vitest.config.ts"]) {
      await cp(join(root, part), join(copy.directory, part), { recursive: true });
    }
    const vitest = join(root, "node_modules/.bin/vitest");
    const run = promisify(execFile)(vitest, ["run", "--project", "unit", file], { cwd: copy.directory });
    const { code, stdout } = await run.catch((failure) => failure);
    expect(code, stdout).toBe(1);
    expect(stdout).toMatch(/Tests .*\d+ failed/);
  },
  PATIENT_MS,
);
