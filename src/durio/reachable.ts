import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { ReplicaId } from "../raft/index.ts";
import type { Address } from "./config/index.ts";

/** Whether only programs on this machine reach an address. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "::1" || /^127\./.test(hostname);
}

/**
 * Why the peers can't reach an address that was to be bound; undefined if they may.
 *
 * Debian gives a machine's own name the address 127.0.1.1. A replica that binds its name then hears nobody else.
 *
 * @param listen the address to bind
 * @param peers all replicas with their base URLs
 * @param resolve how a name becomes an address; default: as the system does
 * @throws the system's error if the name can't be resolved
 */
export async function unreachableBecause(
  { hostname, port }: Address,
  peers: ReadonlyMap<ReplicaId, string>,
  resolve: (name: string) => Promise<{ readonly address: string }> = lookup,
): Promise<string | undefined> {
  if (isIP(hostname) !== 0 || isLoopback(hostname)) return undefined;
  // Resolved even without peers: Bun calls a name that means nothing an address that is in use.
  const { address } = await resolve(hostname);
  if (!isLoopback(address) || peers.size === 1) return undefined;
  return (
    `${hostname} is ${address} on this machine, so no other machine could reach this replica: ` +
    `bind every address with --listen 0.0.0.0:${port}, or correct ${hostname} in /etc/hosts`
  );
}
