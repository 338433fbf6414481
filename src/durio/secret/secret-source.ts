import { existsSync } from "node:fs";
import { join } from "node:path";
import { readPrivateFile, UnusableFile } from "./private-file.ts";
import { type SecretsFound, secretsIn } from "./secret-text.ts";

/** Where a process gets the cluster's secrets from. */
export interface SecretSource {
  /** For messages: the path of a file, or the name of a variable. */
  readonly name: string;
  /** Whether the secrets may change while the process runs. */
  readonly isFile: boolean;
  /** Why durio can't write other secrets there, as a sentence; undefined if it can. */
  readonly fixedBecause: string | undefined;
  /** Reads the present secrets. */
  readonly read: () => Promise<SecretsFound>;
}

/** The variables that can hold or name a secret. Those of the process, or none for a program that embeds durio. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The file that systemd's LoadCredential=secret:… or SetCredentialEncrypted=secret:… makes. */
const credential = "secret";

/**
 * Returns the source of the secrets: `secretFile`, else `DURIO_SECRET`, else systemd's credential `secret`. Undefined if there
 * is none.
 */
export function secretSource(
  secretFile: string | undefined,
  { DURIO_SECRET: secret, CREDENTIALS_DIRECTORY: directory }: Environment,
): SecretSource | undefined {
  if (secretFile !== undefined) return fileSource(secretFile, false);
  if (secret !== undefined) return variableSource(secret);
  const path = directory === undefined ? undefined : join(directory, credential);
  return path !== undefined && existsSync(path) ? fileSource(path, true) : undefined;
}

function fileSource(path: string, groupMayRead: boolean): SecretSource {
  return {
    name: path,
    isFile: true,
    fixedBecause: groupMayRead ? `${path} is a credential of systemd, which only systemd changes` : undefined,
    async read() {
      try {
        return secretsIn(await readPrivateFile(path, { groupMayRead }), path);
      } catch (error) {
        if (error instanceof UnusableFile) return { type: "unusable", problem: error.message };
        throw error;
      }
    },
  };
}

function variableSource(text: string): SecretSource {
  const name = "DURIO_SECRET";
  const isPath = /^[./~]/.test(text) && existsSync(text);
  return {
    name,
    isFile: false,
    fixedBecause: `${name} can't be changed while durio runs: use --secret-file`,
    read: async () =>
      isPath
        ? {
            type: "unusable",
            problem: `${name} is the secret itself, not the path of a file: set DURIO_SECRET_FILE to that path`,
          }
        : secretsIn(text, name),
  };
}
