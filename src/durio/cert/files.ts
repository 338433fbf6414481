import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TlsPair } from "../../runtime/index.ts";
import { InvalidConfig } from "../config/index.ts";
import { messageOf } from "../failure.ts";

/** The paths of a certificate and its key. */
export interface PairPaths {
  readonly cert: string;
  readonly key: string;
}

/** @param name of the files, without their endings */
export function pathsIn(directory: string, name: string): PairPaths {
  // A certificate for all hosts of a domain begins with an asterisk, which shells expand.
  const plain = name.replaceAll("*", "_");
  return { cert: join(directory, `${plain}.crt`), key: join(directory, `${plain}.key`) };
}

/**
 * Throws if a file exists, because a lost key can't be restored.
 *
 * @throws InvalidConfig
 */
export function assertNew({ cert, key }: PairPaths): void {
  const existing = [cert, key].find((path) => existsSync(path));
  if (existing === undefined) return;
  throw new InvalidConfig([
    `${existing} exists already, and is not overwritten: choose another directory with --out, or move it away`,
  ]);
}

/**
 * Writes a certificate, and its key so that only its owner can read it.
 *
 * @throws InvalidConfig if the directory can't be written to
 */
export function writePair(directory: string, paths: PairPaths, { cert, key }: TlsPair): void {
  try {
    mkdirSync(directory, { recursive: true });
    writeFileSync(paths.key, key, { mode: 0o600, flag: "wx" });
    writeFileSync(paths.cert, cert, { mode: 0o644, flag: "wx" });
  } catch (error) {
    throw new InvalidConfig([`--out: can't be written to: ${messageOf(error)}`]);
  }
}

/** @throws InvalidConfig if the directory has no CA, or it can't be read */
export function readAuthority(directory: string): TlsPair {
  const { cert, key } = pathsIn(directory, "ca");
  if (!existsSync(cert) || !existsSync(key)) {
    const how = `create a CA with: durio cert ca --out ${directory}`;
    throw new InvalidConfig([`--ca: there is no ${existsSync(cert) ? key : cert}; ${how}`]);
  }
  try {
    return { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
  } catch (error) {
    throw new InvalidConfig([`--ca: can't be read: ${messageOf(error)}`]);
  }
}
