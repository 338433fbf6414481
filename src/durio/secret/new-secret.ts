import { open } from "node:fs/promises";
import { dirname } from "node:path";
import { InvalidConfig } from "../config/index.ts";
import { newSecret } from "./secret-text.ts";

const ownerOnly = 0o600;

/**
 * Prints a new secret, or writes it to a new file that only its owner can read.
 *
 * @throws InvalidConfig if the file exists, or can't be written
 */
export async function printNewSecret(out: string | undefined): Promise<void> {
  if (out === undefined) {
    console.log(newSecret());
    return;
  }
  await write(out, `${newSecret()}\n`);
  console.log(
    `${out} has a new secret, which only its owner can read. Copy it to every replica of the cluster:`,
  );
  console.log(`  scp -p ${out} HOST:${out}`);
}

async function write(path: string, text: string): Promise<void> {
  try {
    // Fails if the file exists: a secret that is replaced by mistake locks the other replicas out.
    await using file = await open(path, "wx", ownerOnly);
    await file.writeFile(text);
    await file.sync();
  } catch (error) {
    throw new InvalidConfig([`--out: ${reasonOf(error, path)}`]);
  }
}

function reasonOf(error: unknown, path: string): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const folder = dirname(path);
  switch (code) {
    case "EEXIST":
      return `${path} exists and is never overwritten: choose another name, or use that file`;
    case "ENOENT":
      return `${folder} does not exist: mkdir -p ${folder}`;
    case "EACCES":
    case "EPERM":
      return `no permission to write in ${folder}: use sudo, or choose another folder`;
    default:
      return `${path} can't be written: ${error instanceof Error ? error.message : error}`;
  }
}
