/** A secret of `durio secret new`, or most of one. A path may contain the first words. */
const secret = /durio_secret_[\w-]{20,}/g;

/** Returns whether a text contains a secret, although it was given as something else, such as a path. */
export function containsSecret(text: string): boolean {
  return text.search(secret) >= 0;
}

/** Hides all secrets of `durio secret new` in a text. */
export function withoutClusterSecrets(text: string): string {
  return text.replace(secret, "durio_secret_***");
}
