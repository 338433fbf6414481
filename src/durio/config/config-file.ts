import { readFile } from "node:fs/promises";
import { basename, extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type Layer, WrongSettings } from "./layers.ts";

/** Found by themselves in the working directory. */
const names = ["durio.json", "durio.config.ts"] as const;

/**
 * The settings of a config file.
 *
 * @param path of the one to read, which must exist; those of the working directory are looked for unless given
 * @returns undefined where there is none
 * @throws WrongSettings where it can't be read, or is no object
 */
export async function fileLayer(path: string | undefined): Promise<Layer | undefined> {
  if (path !== undefined) return layer(path, await read(path));
  const found: Layer[] = [];
  for (const name of names) {
    const values = await readWhereThere(name);
    if (values !== undefined) found.push(layer(name, values));
  }
  if (found.length > 1) {
    throw new WrongSettings([`${names.join(" and ")} both exist: remove one, or name one with --config`]);
  }
  return found[0];
}

function layer(path: string, content: unknown): Layer {
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    throw new WrongSettings([`${path}: an object with settings, not ${JSON.stringify(content)}`]);
  }
  // Editors find the schema by it.
  const { $schema: _, ...values } = content as Record<string, unknown>;
  return { nameOf: (setting) => `${path}: ${setting}`, values };
}

async function readWhereThere(path: string): Promise<unknown> {
  try {
    await readFile(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
  }
  return read(path);
}

async function read(path: string): Promise<unknown> {
  const isProgram = /^\.[cm]?[jt]s$/.test(extname(path));
  try {
    if (!isProgram) return JSON.parse(await readFile(path, "utf8"));
    const module: { readonly default?: unknown } = await import(pathToFileURL(resolve(path)).href);
    return module.default;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new WrongSettings([
      `${path}: ${isProgram ? `${basename(path)} can't be run` : "can't be read as JSON"}: ${reason}`,
    ]);
  }
}
