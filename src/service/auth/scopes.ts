/** Scopes that may be limited to the keys with a prefix. */
const ofKeys = ["read", "write", "watch", "lock"] as const;
const ofCluster = ["metrics", "backup", "admin"] as const;

/** What a token may allow with keys. */
export type KeyScope = (typeof ofKeys)[number];
/** What a token may allow. `admin` includes all others. */
export type Scope = KeyScope | (typeof ofCluster)[number];

/** All scopes, in the order of messages. */
export const scopes: readonly Scope[] = [...ofKeys, ...ofCluster];

interface Grant {
  readonly scope: Scope;
  /** The start of the keys, in UTF-8. Empty for all keys. */
  readonly prefix: Uint8Array;
}

const encoder = new TextEncoder();

/** Returns why a text such as `read app/` grants nothing, or undefined if it is a grant. */
export function whyNoGrant(text: string): string | undefined {
  return grantIn(text) === undefined
    ? `must be one of ${scopes.join(", ")}; ${ofKeys.join(", ")} may have a prefix, such as "read app/"`
    : undefined;
}

/** Parses `SCOPE` or `SCOPE PREFIX`. The prefix is all that follows the first space. */
function grantIn(text: string): Grant | undefined {
  // Control characters are refused, because grants are printed on terminals.
  if (!text.isWellFormed() || /\p{Cc}/u.test(text)) return undefined;
  const end = text.indexOf(" ");
  const word = end === -1 ? text : text.slice(0, end);
  const prefix = end === -1 ? "" : text.slice(end + 1);
  const scope = scopes.find((each) => each === word);
  if (scope === undefined || (end !== -1 && prefix === "")) return undefined;
  if (end !== -1 && !isOfKeys(scope)) return undefined;
  return { scope, prefix: encoder.encode(prefix) };
}

function isOfKeys(scope: Scope): scope is KeyScope {
  return ofKeys.some((each) => each === scope);
}

/** What a client may do. All that is not granted is denied. */
export class Grants {
  /** The grants as given, such as `read app/`. */
  readonly texts: readonly string[];
  readonly #prefixes = new Map<Scope, readonly Uint8Array[]>();
  readonly #isAdmin: boolean;

  /** @param texts those that are not grants allow nothing */
  constructor(texts: readonly string[]) {
    this.texts = texts;
    for (const { scope, prefix } of texts.map(grantIn).filter((grant) => grant !== undefined)) {
      this.#prefixes.set(scope, [...(this.#prefixes.get(scope) ?? []), prefix]);
    }
    this.#isAdmin = this.#prefixes.has("admin");
  }

  /** Returns whether a scope is granted, for all keys or some. */
  has(scope: Scope): boolean {
    return this.#isAdmin || this.#prefixes.has(scope);
  }

  /** Returns whether a scope is granted for a key. Prefixes are compared byte by byte. */
  covers(scope: KeyScope, key: Uint8Array): boolean {
    if (this.#isAdmin) return true;
    return this.#prefixes.get(scope)?.some((prefix) => startsWith(key, prefix)) ?? false;
  }

  toString(): string {
    return this.texts.join(", ");
  }
}

function startsWith(key: Uint8Array, prefix: Uint8Array): boolean {
  return key.length >= prefix.length && prefix.every((byte, at) => byte === key[at]);
}
