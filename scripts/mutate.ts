import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Mutant, mutants } from "../test/mutants/index.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** What a simulation needs of the project. */
const parts = ["src", "transports", "adapters", "scripts", "test/mutants", "package.json", "tsconfig.json"];

export interface MutatedCopy extends AsyncDisposable {
  /** A copy of the project with the mistake in it; removed when the copy is disposed of. */
  readonly directory: string;
}

export function mutantIds(): string[] {
  return mutants.map(({ id }) => id);
}

/** @throws RangeError where there is no such mutant, or an edit of it does not apply any more */
export async function mutatedCopy(id: string): Promise<MutatedCopy> {
  const mutant = mutants.find((candidate) => candidate.id === id);
  if (mutant === undefined) throw new RangeError(`mutation: one of ${mutantIds().join(", ")}, not ${id}`);
  const directory = await mkdtemp(join(tmpdir(), `ruaft-mutant-${id}-`));
  const copy: MutatedCopy = {
    directory,
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
  try {
    for (const part of parts) await cp(join(root, part), join(directory, part), { recursive: true });
    await symlink(join(root, "node_modules"), join(directory, "node_modules"));
    await apply(mutant, directory);
    return copy;
  } catch (error) {
    await copy[Symbol.asyncDispose]();
    throw error;
  }
}

async function apply({ id, edits }: Mutant, directory: string): Promise<void> {
  for (const { file, from, to } of edits) {
    const path = join(directory, file);
    const text = await readFile(path, "utf8");
    const found = text.split(from).length - 1;
    if (found !== 1)
      throw new RangeError(`mutation ${id}: its edit of ${file} is found ${found} times, not once`);
    await writeFile(
      path,
      text.replace(from, () => to),
    );
  }
}
