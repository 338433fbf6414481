import { randomBytes } from "node:crypto";
import { MIN_SECRET_CHARACTERS } from "../../../adapters/seal/index.ts";

const prefix = "durio_secret_";
const randomCount = 32;
const made = /^durio_secret_[\w-]{43}$/;
const madeLength = 56;

/** Secrets, or why a text has none that can be used. */
export type SecretsFound =
  | { readonly type: "secrets"; readonly secrets: readonly string[] }
  | { readonly type: "unusable"; readonly problem: string };

/** Makes a secret of 256 random bits. Its beginning lets scanners find secrets that were published by mistake. */
export function newSecret(): string {
  return prefix + randomBytes(randomCount).toString("base64url");
}

/**
 * Reads the secrets in a text, one a line. Blank lines, and lines that begin with `#`, are ignored.
 *
 * @param name the source of the text, for the problem, which never contains a secret
 */
export function secretsIn(text: string, name: string): SecretsFound {
  const lines = text.replace(/^\uFEFF/, "").split("\n");
  /** The lines of the secrets so far. */
  const seen = new Map<string, number>();
  for (const [at, line] of lines.entries()) {
    const secret = line.trim();
    if (secret === "" || secret.startsWith("#")) continue;
    const place = lines.length > 1 ? `line ${at + 1} of ${name}` : name;
    const before = seen.get(secret);
    if (before !== undefined) return unusable(`${place} repeats line ${before}: remove one`);
    const problem = problemOf(secret);
    if (problem !== undefined) return unusable(`${place} ${problem}`);
    seen.set(secret, at + 1);
  }
  if (seen.size === 0) return unusable(`${name} contains no secret: durio secret new makes one`);
  return { type: "secrets", secrets: [...seen.keys()] };
}

function unusable(problem: string): SecretsFound {
  return { type: "unusable", problem };
}

function problemOf(secret: string): string | undefined {
  const { length } = secret;
  if (secret.startsWith(prefix) && !made.test(secret)) {
    return `is not a whole secret of durio secret new: it has ${length} characters, not ${madeLength}; copy it again`;
  }
  if (length < MIN_SECRET_CHARACTERS) {
    return `has ${length} characters, and a secret needs at least ${MIN_SECRET_CHARACTERS}: durio secret new makes one`;
  }
  return undefined;
}
