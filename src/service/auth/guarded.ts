import type { Context, Handler } from "hono";
import { clientAddress } from "../client-address.ts";
import { type Caller, type Need, unrestricted } from "./caller.ts";
import type { Guard } from "./guard.ts";

/** Handles a request whose client was told apart. Keys are the handler's to check, with `refusalFor`. */
export type GuardedHandler = (c: Context, caller: Caller) => Response | Promise<Response>;

/** A handler with what its clients need. */
export interface Guarded {
  readonly need: Need;
  readonly handle: GuardedHandler;
}

/** Returns a handler that serves only clients with what the route needs. @param guard undefined serves every client */
export function guarded(guard: Guard | undefined, { need, handle }: Guarded): Handler {
  if (need === "none" || guard === undefined) return (c) => handle(c, unrestricted(clientAddress(c)));
  return (c) => {
    const { headers } = c.req.raw;
    const caller = guard.callerOf({ headers, address: clientAddress(c) });
    // Known tokens take no turn of the event loop.
    return caller instanceof Promise
      ? caller.then((found) => answer(c, found, { need, handle }))
      : answer(c, caller, { need, handle });
  };
}

function answer(
  c: Context,
  caller: Caller | Response,
  { need, handle }: Guarded,
): Response | Promise<Response> {
  if (caller instanceof Response) return caller;
  return caller.refusal(need) ?? handle(c, caller);
}
