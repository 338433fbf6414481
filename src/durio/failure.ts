import { PersisterError } from "../ports/index.ts";
import { CannotListen } from "./cannot-listen.ts";
import type { Address } from "./config/index.ts";

/** Explains in one line why a replica could not start. Returns undefined for unexpected errors. */
export function startFailure(error: unknown, { hostname, port }: Address): string | undefined {
  if (error instanceof PersisterError) return error.message;
  if (error instanceof CannotListen) return startFailure(error.cause, error.address);
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  switch (code) {
    case "EADDRINUSE":
      return `port ${port} of ${hostname} is in use: stop what listens there, or choose another port`;
    case "EADDRNOTAVAIL":
      return `${hostname} is not an address of this machine: choose one with --listen`;
    case "ENOTFOUND":
    case "DNS_ENOTFOUND":
    case "EAI_AGAIN":
      return `${hostname} can't be resolved: correct the name, or choose an address with --listen`;
    case "EACCES":
    case "EPERM":
      return `not allowed: ${messageOf(error)}`;
    default:
      return undefined;
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
