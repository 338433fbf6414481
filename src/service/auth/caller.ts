import { problem } from "../problems.ts";
import type { Credential } from "./credentials.ts";
import type { Refusal } from "./refusal.ts";
import { Grants, type KeyScope, type Scope } from "./scopes.ts";

/** What a route needs: nothing, any valid token, or a scope. */
export type Need = "none" | "token" | Scope;

/** The client of one request. */
export interface Caller {
  /** Name of the client for the events, such as `token ci`. */
  readonly name: string;
  /** The address that the request came from, or undefined if unknown. */
  readonly address: string | undefined;
  /** Returns the response to a request that the client may not send, or undefined if it may. */
  refusal(need: Need): Response | undefined;
  /** As `refusal`, for one key. */
  refusalFor(scope: KeyScope, key: Uint8Array): Response | undefined;
}

/** Returns the client of a replica that serves every client everything. */
export function unrestricted(address: string | undefined): Caller {
  return { name: "anyone", address, refusal: () => undefined, refusalFor: () => undefined };
}

export interface TokenCallerOptions {
  readonly address: string | undefined;
  /** Undefined if the request has no token. */
  readonly credential?: Credential;
  /** What the request may do without a token. */
  readonly anonymous: Grants;
  readonly report: (refusal: Refusal) => void;
}

const utf8 = new TextDecoder();
const shownKey = 100;

/** A client of a replica that asks for tokens. */
export class TokenCaller implements Caller {
  readonly address: string | undefined;
  readonly #credential: Credential | undefined;
  readonly #grants: Grants;
  readonly #report: (refusal: Refusal) => void;

  constructor({ address, credential, anonymous, report }: TokenCallerOptions) {
    this.address = address;
    this.#credential = credential;
    this.#grants = credential?.grants ?? anonymous;
    this.#report = report;
  }

  get name(): string {
    return this.#credential === undefined ? "anonymous" : `token ${this.#credential.name}`;
  }

  refusal(need: Need): Response | undefined {
    if (need === "none") return undefined;
    const isMet = need === "token" ? this.#isKnown : this.#grants.has(need);
    if (isMet) return undefined;
    return need === "token" ? this.#unauthorized("any scope", "read") : this.#refused(need, need);
  }

  refusalFor(scope: KeyScope, key: Uint8Array): Response | undefined {
    if (this.#grants.covers(scope, key)) return undefined;
    return this.#refused(scope, `${scope} ${JSON.stringify(utf8.decode(key).slice(0, shownKey))}`);
  }

  /** Whether the client has a token, or the replica serves clients without one. */
  get #isKnown(): boolean {
    return this.#credential !== undefined || this.#grants.texts.length > 0;
  }

  #refused(scope: Scope, needed: string): Response {
    if (this.#credential === undefined) return this.#unauthorized(`the scope ${needed}`, scope);
    const { name, grants } = this.#credential;
    this.#report({ reason: "scope", address: this.address, token: name });
    const has = `the token ${name} lacks the scope ${needed}; it has ${grants}`;
    const wanted = `an admin creates a token that has it with durio token create NAME --may ${scope}`;
    const challenge = `Bearer error="insufficient_scope", scope="${scope}"`;
    return problem("forbidden", `${has}; ${wanted}`, { "www-authenticate": challenge });
  }

  #unauthorized(needed: string, scope: Scope): Response {
    this.#report({ reason: "noToken", address: this.address });
    const how = 'send a token as "Authorization: Bearer TOKEN"';
    const where = `an admin creates one with durio token create NAME --may ${scope}`;
    return problem("unauthorized", `this request needs a token with ${needed}: ${how}; ${where}`);
  }
}

const anonymousScopes = { none: [], read: ["read"], write: ["read", "write"] } as const;

/** What requests without a token may do. */
export type Anonymous = keyof typeof anonymousScopes;

/** Returns the grants of requests without a token. */
export function anonymousGrants(anonymous: Anonymous): Grants {
  return new Grants(anonymousScopes[anonymous]);
}
