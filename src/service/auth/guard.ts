import { problem } from "../problems.ts";
import type { AccessRecords } from "./access-records.ts";
import { type Anonymous, anonymousGrants, type Caller, TokenCaller } from "./caller.ts";
import { type Credential, Credentials } from "./credentials.ts";
import type { Refusal, RefusalReason } from "./refusal.ts";
import type { Grants, KeyScope } from "./scopes.ts";
import { isToken } from "./token-text.ts";
import { WrongTokens } from "./wrong-tokens.ts";

export interface GuardOptions {
  readonly records: AccessRecords;
  /** What requests without a token may do. Default: `none`. */
  readonly anonymous?: Anonymous | undefined;
  /** The replica's clock, in ms. */
  readonly now: () => number;
  /** Receives each refusal, for the audit log. */
  readonly report: (refusal: Refusal) => void;
}

/** A request, and where it came from. */
interface Sender {
  readonly headers: Headers;
  readonly address: string | undefined;
}

const scheme = "Bearer ";

/**
 * Tells the clients of requests by their tokens. It asks no other replica: a token is valid, and a revocation in force, as
 * soon as this replica has applied it.
 */
export class Guard {
  readonly credentials: Credentials;
  readonly #anonymous: Grants;
  /** The replica's clock, in ms. */
  readonly now: () => number;
  readonly #report: (refusal: Refusal) => void;
  readonly #wrongTokens: WrongTokens;

  constructor({ records, anonymous = "none", now, report }: GuardOptions) {
    this.credentials = new Credentials(records);
    this.#anonymous = anonymousGrants(anonymous);
    this.now = now;
    this.#report = report;
    this.#wrongTokens = new WrongTokens(now);
  }

  /**
   * Returns the client of a request, or the response to a request whose token is not valid. Waits only for the hash of a
   * token that was not used here before.
   */
  callerOf(sender: Sender): Caller | Response | Promise<Caller | Response> {
    const header = sender.headers.get("authorization");
    if (header === null) return this.#caller(sender);
    const token = tokenIn(header);
    if (token === undefined) return this.#refused(sender, "wrongToken", notBearer);
    const credential = this.credentials.known(token);
    if (credential === undefined) return this.#identify(token, sender);
    return this.#admitted(credential, sender);
  }

  /**
   * Returns the client of a request whose token was used here before, if it has what the request needs, for some keys.
   * Otherwise undefined: {@link callerOf} decides. Reports and counts nothing.
   */
  known(sender: Sender, need: KeyScope): Caller | undefined {
    const header = sender.headers.get("authorization");
    if (header === null) return this.#anonymous.has(need) ? this.#caller(sender) : undefined;
    const token = tokenIn(header);
    const credential = token === undefined ? undefined : this.credentials.known(token);
    if (credential === undefined || !credential.grants.has(need)) return undefined;
    if (this.credentials.isExpired(credential)) return undefined;
    return this.#used(credential, sender);
  }

  async #identify(token: string, sender: Sender): Promise<Caller | Response> {
    if (!isToken(token)) return this.#refused(sender, "wrongToken", mistyped);
    const credential = await this.credentials.identify(token);
    return credential === undefined
      ? this.#refused(sender, "wrongToken", unknown)
      : this.#admitted(credential, sender);
  }

  #admitted(credential: Credential, sender: Sender): Caller | Response {
    if (this.credentials.isExpired(credential)) {
      const expired = `the token ${credential.name} has expired: ask an admin for another one`;
      return this.#refused(sender, "expiredToken", expired, credential.name);
    }
    return this.#used(credential, sender);
  }

  #used(credential: Credential, sender: Sender): Caller {
    credential.lastUsedMs = this.now();
    credential.lastAddress = sender.address;
    return this.#caller(sender, credential);
  }

  #caller({ address }: Sender, credential?: Credential): Caller {
    const options = { address, anonymous: this.#anonymous, report: this.#report };
    return new TokenCaller(credential === undefined ? options : { ...options, credential });
  }

  #refused({ address }: Sender, reason: RefusalReason, why: string, token?: string): Response {
    const pauseMs = this.#wrongTokens.add(address);
    const isPaused = pauseMs !== undefined;
    this.#report({
      reason: isPaused ? "tooManyWrongTokens" : reason,
      address,
      ...(token !== undefined && { token }),
    });
    if (!isPaused) return problem("unauthorized", why, { "www-authenticate": invalidToken });
    const seconds = Math.ceil(pauseMs / 1000);
    const wait = `too many wrong tokens from this address: wait ${seconds} s, and send a valid token`;
    return problem("tooManyWrongTokens", `${wait}; ${why}`, { "retry-after": `${seconds}` });
  }
}

const invalidToken = 'Bearer error="invalid_token"';
const notBearer = 'Authorization: must be "Bearer TOKEN", such as "Bearer durio_…"';
const mistyped = "the token is incomplete or mistyped: its checksum does not match";
const unknown = "the token is not one of this cluster, or was revoked: durio token list shows the valid ones";

/** Returns the token of an Authorization header, or undefined if it has none. */
function tokenIn(header: string): string | undefined {
  if (header.startsWith(scheme)) return header.slice(scheme.length).trim();
  return /^bearer +(\S+) *$/i.exec(header)?.[1];
}
