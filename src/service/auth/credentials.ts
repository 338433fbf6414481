import type { AccessRecords } from "./access-records.ts";
import { Grants } from "./scopes.ts";
import { hashOf, isSameHash } from "./token-hash.ts";
import { decodeToken, type TokenRecord, tokenPrefix } from "./token-record.ts";

/** A token as this replica knows it. */
export interface Credential {
  readonly name: string;
  readonly record: TokenRecord;
  /** The revision of the record. A token that is revoked and created again has another one. */
  readonly revision: number;
  readonly grants: Grants;
  /** The last request with it at this replica: time on the replica's clock in ms, and the client's address. */
  lastUsedMs: number | undefined;
  lastAddress: string | undefined;
}

/** The tokens of the registry as applied at this replica, by name and by text. */
export class Credentials {
  readonly #records: AccessRecords;
  #byName: ReadonlyMap<string, Credential> = new Map();
  /** Texts that were found valid, so that a known token is not hashed again. Invariant: all values are in `#byName`. */
  readonly #byText = new Map<string, Credential>();
  #isOutdated = true;

  constructor(records: AccessRecords) {
    this.#records = records;
    records.changed(() => {
      this.#isOutdated = true;
    });
  }

  /** Returns all tokens, including expired ones. */
  all(): Iterable<Credential> {
    this.#update();
    return this.#byName.values();
  }

  /** Returns the token of a text that was identified before, unless it was revoked since. */
  known(text: string): Credential | undefined {
    this.#update();
    return this.#byText.get(text);
  }

  /** Returns the token of a text. Compares its hash with all, so that the time says nothing about them. */
  async identify(text: string): Promise<Credential | undefined> {
    const hash = await hashOf(text);
    this.#update();
    let found: Credential | undefined;
    for (const credential of this.#byName.values()) {
      if (isSameHash(credential.record.hash, hash)) found = credential;
    }
    if (found !== undefined) this.#byText.set(text, found);
    return found;
  }

  /** Returns whether a token's time is over, by cluster time. */
  isExpired({ record: { expiresMs } }: Credential): boolean {
    return expiresMs !== undefined && this.#records.clockMs >= expiresMs;
  }

  #update(): void {
    if (!this.#isOutdated) return;
    this.#isOutdated = false;
    const byName = new Map<string, Credential>();
    for (const { name: key, value, revision } of this.#records.entries(tokenPrefix)) {
      const name = key.slice(tokenPrefix.length);
      const before = this.#byName.get(name);
      const credential = before?.revision === revision ? before : credentialOf(name, value, revision);
      if (credential !== undefined) byName.set(name, credential);
    }
    this.#byName = byName;
    for (const [text, credential] of this.#byText) {
      if (byName.get(credential.name) !== credential) this.#byText.delete(text);
    }
  }
}

function credentialOf(name: string, value: Uint8Array, revision: number): Credential | undefined {
  const record = decodeToken(value);
  if (record === undefined) return undefined;
  const grants = new Grants(record.may);
  return { name, record, revision, grants, lastUsedMs: undefined, lastAddress: undefined };
}
