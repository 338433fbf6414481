import type { ReplicaState } from "../ports/index.ts";
import {
  type AccessRecords,
  createToken,
  type Guard,
  type GuardedHandler,
  revokeToken,
  showEvents,
  showTokens,
  Tokens,
  tokensPath,
} from "./auth/index.ts";
import type { Bodies } from "./bodies/index.ts";
import { problem } from "./problems.ts";
import { beginRotation, rotationPath, type SecretRotation, showRotation } from "./rotation-routes.ts";
import type { ServiceRoute } from "./service-route.ts";

/** Who may send requests, and what they need for changing that. */
export interface Access {
  /** Checks the tokens of requests. Undefined: every client may do everything, and there are no tokens. */
  readonly guard: Guard | undefined;
  readonly records: AccessRecords;
  /** Changes the secret of the cluster. Undefined if it has none. */
  readonly rotation?: SecretRotation | undefined;
  /** Returns the wall time in ISO 8601, which only people read. */
  readonly wallTime: () => string;
}

export interface AccessRoutesOptions {
  readonly access: Access;
  readonly bodies: Bodies;
  readonly status: () => ReplicaState;
}

/** Returns the routes for tokens, events and the change of the secret. All need `admin`. */
export function accessRoutes({ access, bodies, status }: AccessRoutesOptions): ServiceRoute[] {
  const { guard, records, rotation, wallTime } = access;
  const need = "admin";
  const events = { method: "GET", path: "/v1/events", need, handle: showEvents(records) } as const;
  if (guard === undefined) {
    const refusals = { create: noSecret, list: noSecret, revoke: noSecret };
    return [...tokenRoutes(refusals), ...rotationRoutes(undefined, wallTime), events];
  }
  const { credentials, now } = guard;
  const tokens = new Tokens({ records, credentials, wallTime });
  const options = { tokens, credentials, records, bodies, status, now };
  const handlers = {
    create: createToken(options),
    list: showTokens(options),
    revoke: revokeToken(options),
  };
  return [...tokenRoutes(handlers), ...rotationRoutes(rotation, wallTime), events];
}

function tokenRoutes(
  handlers: Readonly<Record<"create" | "list" | "revoke", GuardedHandler>>,
): ServiceRoute[] {
  const need = "admin";
  return [
    { method: "GET", path: tokensPath, need, handle: handlers.list },
    { method: "POST", path: tokensPath, need, handle: handlers.create },
    { method: "DELETE", path: `${tokensPath}/*`, need, handle: handlers.revoke },
  ];
}

function rotationRoutes(rotation: SecretRotation | undefined, wallTime: () => string): ServiceRoute[] {
  const show = rotation === undefined ? noSecret : showRotation(rotation);
  const begin = rotation === undefined ? noSecret : beginRotation(rotation, wallTime);
  return [
    { method: "GET", path: rotationPath, need: "admin", handle: show },
    { method: "POST", path: rotationPath, need: "admin", handle: begin },
  ];
}

/** A token that an unknown client created now would still be valid when the cluster has a secret. */
function noSecret(): Response {
  const open = "this replica has no secret, so every client may do everything, and there are no tokens";
  return problem("noSecret", `${open}: start every replica with --secret-file`);
}
