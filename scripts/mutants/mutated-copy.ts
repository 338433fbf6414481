import { rmSync } from "node:fs";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { type Edit, mutants } from "./list/index.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The parts of the project that a simulation needs. */
const parts = ["src", "transports", "adapters", "scripts", "package.json", "tsconfig.json"];

export interface MutatedCopy extends AsyncDisposable {
  /** A copy of the project with the planted bug. Removed when disposed of, or when the process ends. */
  readonly directory: string;
}

export function mutantIds(): string[] {
  return mutants.map(({ id }) => id);
}

/**
 * Copies the parts of the project that a simulation needs into a temporary directory, and plants a bug.
 *
 * @param id of a mutant
 * @throws RangeError if there is no such mutant, or an edit of it no longer applies
 */
export async function mutatedCopy(id: string): Promise<MutatedCopy> {
  const mutant = mutants.find((candidate) => candidate.id === id);
  if (mutant === undefined) throw new RangeError(`mutation: one of ${mutantIds().join(", ")}, not ${id}`);
  return await copyWithEdits(id, mutant.edits);
}

/**
 * Like `mutatedCopy`, with edits that belong to no mutant.
 *
 * @param name of the copy's directory, and in errors
 * @throws RangeError if an edit does not apply
 */
export async function copyWithEdits(name: string, edits: readonly Edit[]): Promise<MutatedCopy> {
  const directory = await temporaryDirectory(`ruaft-mutant-${name}-`);
  const copy: MutatedCopy = { directory, [Symbol.asyncDispose]: () => remove(directory) };
  try {
    for (const part of parts) await cp(join(root, part), join(directory, part), { recursive: true });
    await symlink(join(root, "node_modules"), join(directory, "node_modules"));
    for (const edit of edits) await apply(name, edit, directory);
    return copy;
  } catch (error) {
    await copy[Symbol.asyncDispose]();
    throw error;
  }
}

async function apply(name: string, { file, from, to }: Edit, directory: string): Promise<void> {
  const path = join(directory, file);
  const text = await readFile(path, "utf8");
  const found = text.split(from).length - 1;
  if (found !== 1) {
    throw new RangeError(`mutation ${name}: its edit of ${file} is found ${found} times, not once`);
  }
  await writeFile(
    path,
    text.replace(from, () => to),
  );
}

/** The directories that still exist; an interrupted process removes them. */
const directories = new Set<string>();
let isWatching = false;

async function temporaryDirectory(prefix: string): Promise<string> {
  if (!isWatching) removeAllAtTheEnd();
  const directory = await mkdtemp(join(tmpdir(), prefix));
  directories.add(directory);
  return directory;
}

async function remove(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  directories.delete(directory);
}

function removeAllAtTheEnd(): void {
  isWatching = true;
  process.on("exit", () => {
    for (const directory of directories) rmSync(directory, { recursive: true, force: true });
  });
  // Without a listener, signals end the process without an `exit` event.
  process.on("SIGINT", () => process.exit(130));
  process.on("SIGTERM", () => process.exit(143));
}
