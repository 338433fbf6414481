import type { RegisterResult, Unavailable } from "../../kvraft/index.ts";
import type { AccessRecords } from "./access-records.ts";
import type { Caller } from "./caller.ts";
import type { Credential, Credentials } from "./credentials.ts";
import { type ChangeEvent, encodeEvent } from "./events.ts";
import { Grants } from "./scopes.ts";
import { hashOf } from "./token-hash.ts";
import { encodeToken, type TokenRecord, tokenPrefix } from "./token-record.ts";
import { newToken } from "./token-text.ts";

/** A token to create. */
export interface NewToken {
  readonly name: string;
  /** Valid grants, such as `read app/`. */
  readonly may: readonly string[];
  /** Time in ms for which the token is valid, or null if it never expires. */
  readonly ttlMs: number | null;
}

/** The result of creating a token. */
export type CreateResult =
  | { readonly type: "created"; readonly token: string }
  | { readonly type: "exists" }
  | { readonly type: "tooLarge" }
  | { readonly type: "registryFull" }
  | Unavailable;

/** The result of revoking a token. */
export type RevokeResult =
  | { readonly type: "revoked" }
  | { readonly type: "absent" }
  /** Without it, no client could create tokens. */
  | { readonly type: "lastAdmin" }
  /** Another client changed the token at the same time. */
  | { readonly type: "changed" }
  | Unavailable;

export interface TokensOptions {
  readonly records: AccessRecords;
  readonly credentials: Credentials;
  /** Returns the wall time in ISO 8601, which only people read. */
  readonly wallTime: () => string;
}

const maxRecordBytes = 4096;
/** Time in ms that a change waits for this replica to apply it. */
const appliedWithinMs = 2000;

/** Creates and revokes tokens. A change is in force at this replica when its promise resolves, at others once applied. */
export class Tokens {
  readonly #records: AccessRecords;
  readonly #credentials: Credentials;
  readonly #wallTime: () => string;

  constructor({ records, credentials, wallTime }: TokensOptions) {
    this.#records = records;
    this.#credentials = credentials;
    this.#wallTime = wallTime;
  }

  async create(
    { name, may, ttlMs }: NewToken,
    caller: Pick<Caller, "name" | "address">,
  ): Promise<CreateResult> {
    const token = newToken();
    const createdAt = this.#wallTime();
    const expiry = ttlMs === null ? {} : { expiresMs: this.#records.clockMs + ttlMs };
    const value = encodeToken({ hash: await hashOf(token), may, createdAt, ...expiry });
    if (value.length > maxRecordBytes) return { type: "tooLarge" };
    const event = this.#event(caller, `created token ${name}: ${new Grants(may)}`);
    const result = await this.#change(name, value, { expected: 0, event });
    if (result.type === "conflict") return { type: "exists" };
    return result.type === "written" ? { type: "created", token } : result;
  }

  async revoke(name: string, caller: Pick<Caller, "name" | "address">): Promise<RevokeResult> {
    const record = this.#records.get(tokenPrefix + name);
    if (record === undefined) return { type: "absent" };
    if (this.#isLastAdmin(name)) return { type: "lastAdmin" };
    const event = this.#event(caller, `revoked token ${name}`);
    const result = await this.#change(name, undefined, { expected: record.revision, event });
    switch (result.type) {
      case "written":
        return { type: "revoked" };
      case "conflict":
        return { type: result.revision === 0 ? "absent" : "changed" };
      case "registryFull":
        throw new Error("a record was removed from a full registry, and refused");
      case "unavailable":
        return result;
    }
  }

  async #change(
    name: string,
    value: Uint8Array | undefined,
    options: { readonly expected: number; readonly event: Uint8Array },
  ): Promise<RegisterResult> {
    const result = await this.#records.register(tokenPrefix + name, value, options);
    if (result.type === "written" || result.type === "conflict") {
      await this.#records.reached(result.revision, AbortSignal.timeout(appliedWithinMs));
    }
    return result;
  }

  #isLastAdmin(name: string): boolean {
    const admins = [...this.#credentials.all()].filter((each) => isAdmin(each, this.#credentials));
    return admins.length === 1 && admins[0]?.name === name;
  }

  #event({ name, address }: Pick<Caller, "name" | "address">, what: string): Uint8Array {
    const event: ChangeEvent = { at: this.#wallTime(), who: name, from: address ?? null, what };
    return encodeEvent(event);
  }
}

/** Returns whether a token may create others now. */
export function isAdmin(credential: Credential, credentials: Credentials): boolean {
  return credential.grants.has("admin") && !credentials.isExpired(credential);
}

/** A token in the list of tokens. */
export interface ListedToken extends Pick<TokenRecord, "may" | "createdAt"> {
  readonly name: string;
  readonly kind: "client";
  /** Time in ms until it expires, at least 0; null if it never does. */
  readonly expiresInMs: number | null;
  /** The last request with it at this replica since its start, or null. */
  readonly lastUsed: { readonly agoMs: number; readonly address: string | null } | null;
}

/** Lists the tokens by name. @param nowMs time on the replica's clock */
export function listTokens(credentials: Credentials, clusterMs: number, nowMs: number): ListedToken[] {
  return [...credentials.all()]
    .map(({ name, record: { may, createdAt, expiresMs }, lastUsedMs, lastAddress }) => ({
      ...{ name, kind: "client" as const, may, createdAt },
      expiresInMs: expiresMs === undefined ? null : Math.max(0, Math.ceil(expiresMs - clusterMs)),
      lastUsed:
        lastUsedMs === undefined
          ? null
          : { agoMs: Math.round(nowMs - lastUsedMs), address: lastAddress ?? null },
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
