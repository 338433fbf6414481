import type { Context } from "hono";

/**
 * Returns the IP address that a request came from: of the client, or of a proxy in front. The server passes it on as
 * Hono's bindings. Undefined if the app is called without them, or if the connection was closed.
 */
export function clientAddress({ env }: Context): string | undefined {
  return addressOf(env);
}

/** As {@link clientAddress}, of what the server passes on. */
export function addressOf(client: unknown): string | undefined {
  const { address }: { readonly address?: unknown } = client ?? {};
  return typeof address === "string" ? address : undefined;
}
