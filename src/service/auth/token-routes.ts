import type { ReplicaState } from "../../ports/index.ts";
import type { Bodies } from "../bodies/index.ts";
import { readJsonObject } from "../json-body.ts";
import { noAnswer } from "../no-answer.ts";
import { problem } from "../problems.ts";
import type { AccessRecords } from "./access-records.ts";
import type { Credentials } from "./credentials.ts";
import { decodeEvent } from "./events.ts";
import type { GuardedHandler } from "./guarded.ts";
import { whyNoGrant } from "./scopes.ts";
import { whyNoName } from "./token-record.ts";
import { listTokens, type NewToken, type Tokens } from "./tokens.ts";

export interface TokenRoutesOptions {
  readonly tokens: Tokens;
  readonly credentials: Credentials;
  readonly records: AccessRecords;
  readonly bodies: Bodies;
  readonly status: () => ReplicaState;
  /** The replica's clock, in ms. */
  readonly now: () => number;
}

/** The path of all tokens; that of one is below it. */
export const tokensPath = "/v1/tokens";

const example = '{"name": "ci", "may": ["read app/"], "ttlMs": 86400000}';
const minTtlMs = 1000;
const maxTtlMs = 3650 * 24 * 60 * 60_000;
const maxGrants = 64;
const notKept =
  "the response was lost, and with it the token: look with durio token list, revoke it if it is there";

/** Creates a token. The response is the only place where its text is ever shown. */
export function createToken({ tokens, bodies, status }: TokenRoutesOptions): GuardedHandler {
  return async (c, caller) => {
    const body = await readJsonObject(c.req.raw, bodies, example);
    if (body instanceof Response) return body;
    const wanted = newTokenIn(body);
    if (wanted instanceof Response) return wanted;
    const { name, may, ttlMs } = wanted;
    const result = await tokens.create(wanted, caller);
    switch (result.type) {
      case "created":
        return c.json({ name, token: result.token, may, expiresInMs: ttlMs }, 201, {
          "cache-control": "no-store",
        });
      case "exists":
        return problem(
          "tokenExists",
          `a token ${name} exists: choose another name, or revoke that one first`,
        );
      case "tooLarge":
        return problem("tooLarge", "may: at most 4 KiB in all");
      case "registryFull":
        return problem(
          "full",
          "the cluster has its largest number of tokens: revoke those that are not used",
        );
      case "unavailable":
        return result.outcome === "none" ? noAnswer(result, status) : problem("uncertain", notKept);
    }
  };
}

/** Lists the tokens without their texts. */
export function showTokens({ credentials, records, now }: TokenRoutesOptions): GuardedHandler {
  return (c) => c.json({ tokens: listTokens(credentials, records.clockMs, now()) });
}

/** Revokes a token. */
export function revokeToken({ tokens, status }: TokenRoutesOptions): GuardedHandler {
  return async (c, caller) => {
    const name = c.req.path.slice(tokensPath.length + 1);
    const wrong = whyNoName(name);
    if (wrong !== undefined) return problem("malformed", `name: ${wrong}`);
    const result = await tokens.revoke(name, caller);
    switch (result.type) {
      case "revoked":
        return c.body(null, 204);
      case "absent":
        return problem("notFound", `no token ${name}: durio token list shows all`);
      case "lastAdmin":
        return problem(
          "lastAdmin",
          `${name} is the last token with the scope admin: create another one first`,
        );
      case "changed":
        return problem("changed", `the token ${name} was changed at the same time: look, and try again`);
      case "unavailable":
        return noAnswer(result, status);
    }
  };
}

/** Lists the last changes, oldest first. */
export function showEvents(records: AccessRecords): GuardedHandler {
  return (c) => {
    const events = records.events().map(({ index, content }) => ({ index, ...decodeEvent(content) }));
    return c.json({ events });
  };
}

function newTokenIn({ name, may, ttlMs = null }: Readonly<Record<string, unknown>>): NewToken | Response {
  const wrong = whyNoName(name);
  if (wrong !== undefined || typeof name !== "string") return problem("malformed", `name: ${wrong}`);
  if (!isGrantList(may)) {
    return problem("malformed", `may: must be a list of 1 to ${maxGrants} texts, such as ["read app/"]`);
  }
  for (const grant of may) {
    const why = whyNoGrant(grant);
    if (why !== undefined) return problem("malformed", `may: ${JSON.stringify(grant.slice(0, 100))} ${why}`);
  }
  if (!isTtl(ttlMs)) {
    return problem("malformed", `ttlMs: must be a whole number from ${minTtlMs} to ${maxTtlMs}, or null`);
  }
  return { name, may: [...new Set(may)], ttlMs };
}

function isGrantList(value: unknown): value is readonly string[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > maxGrants) return false;
  return value.every((item) => typeof item === "string");
}

function isTtl(value: unknown): value is number | null {
  if (value === null) return true;
  return typeof value === "number" && Number.isInteger(value) && value >= minTtlMs && value <= maxTtlMs;
}
