import { open, realpath, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

const ownerOnly = 0o600;

/**
 * Replaces a file of secrets. After a power cut it has the old content or the new one. If the path is a link, its target is
 * replaced. Comments are lost.
 */
export async function writeSecrets(path: string, secrets: readonly string[]): Promise<void> {
  const target = await realpath(path);
  const next = `${target}.next`;
  // The rest of a write that a power cut ended.
  await rm(next, { force: true });
  const file = await open(next, "wx", ownerOnly);
  try {
    await file.writeFile(secrets.map((secret) => `${secret}\n`).join(""));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(next, target);
  const directory = await open(dirname(target), "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
