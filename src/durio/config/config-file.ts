import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { duplicateKeys } from "./duplicate-keys.ts";
import { InvalidConfig, type Layer } from "./layers.ts";

/** Read if it exists in the working directory. */
const DEFAULT_FILE = "durio.json";

/**
 * Programs that may export a config. None is run unless it is named: a directory must not run code only because durio
 * starts there.
 */
const programs = ["durio.config.ts", "durio.config.mjs", "durio.config.js"] as const;

/**
 * Reads a config file.
 *
 * @param path the file, which must exist. Default: `durio.json` in the working directory if it exists
 * @returns the settings, undefined if there is no file, and a warning for each program that was ignored
 * @throws InvalidConfig if the file cannot be read or contains no object
 */
export async function fileLayer(
  path: string | undefined,
): Promise<{ readonly file: Layer | undefined; readonly warnings: readonly string[] }> {
  if (path !== undefined) return { file: layer(path, await read(path)), warnings: [] };
  const file = existsSync(DEFAULT_FILE) ? layer(DEFAULT_FILE, await read(DEFAULT_FILE)) : undefined;
  const warnings = programs
    .filter((name) => existsSync(name))
    .map((name) => `${name} is a program and was not run: to use it, pass --config ${name}`);
  return { file, warnings };
}

function layer(path: string, content: unknown): Layer {
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    throw new InvalidConfig([`${path}: must be an object with settings, not ${JSON.stringify(content)}`]);
  }
  // Used by editors only.
  const { $schema: _, ...values } = content as Record<string, unknown>;
  return { nameOf: (setting) => `${path}: ${setting}`, values };
}

async function read(path: string): Promise<unknown> {
  if (!existsSync(path)) throw new InvalidConfig([`${path}: no such file`]);
  return /^\.[cm]?[jt]s$/.test(extname(path)) ? runProgram(path) : readJson(path);
}

async function readJson(path: string): Promise<unknown> {
  let content: unknown;
  let text: string;
  try {
    // Editors on Windows start files with a byte order mark.
    text = (await readFile(path, "utf8")).replace(/^\uFEFF/, "");
    content = JSON.parse(text);
  } catch (error) {
    throw new InvalidConfig([`${path}: can't be read as JSON: ${messageOf(error)}`]);
  }
  const twice = duplicateKeys(text);
  if (twice.length === 0) return content;
  throw new InvalidConfig(twice.map((key) => `${path}: ${key} is given twice: remove one`));
}

async function runProgram(path: string): Promise<unknown> {
  try {
    const module: { readonly default?: unknown } = await import(pathToFileURL(resolve(path)).href);
    return module.default;
  } catch (error) {
    const isUnknown =
      error instanceof Error && "code" in error && error.code === "ERR_UNKNOWN_FILE_EXTENSION";
    throw new InvalidConfig([
      isUnknown
        ? `${path}: this version of Node cannot run TypeScript: use durio.json or a .mjs file`
        : `${path}: can't be run: ${messageOf(error)}`,
    ]);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
