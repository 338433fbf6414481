import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { ReplicaId } from "../raft/index.ts";
import type { Address } from "./config/index.ts";

/** Returns whether an address is reachable only from this machine. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "::1" || /^127\./.test(hostname);
}

/**
 * Explains why the peers cannot reach an address that is about to be bound. Returns undefined if they may.
 *
 * Debian resolves a machine's own name to 127.0.1.1. A replica that binds its name is then unreachable for others.
 *
 * @param listen the address to bind
 * @param peers the base URL of every replica
 * @param resolve resolves a name to an address. Default: the system's resolver
 * @throws the system's error if the name cannot be resolved
 */
export async function unreachableBecause(
  { hostname, port }: Address,
  peers: ReadonlyMap<ReplicaId, string>,
  resolve: (name: string) => Promise<{ readonly address: string }> = lookup,
): Promise<string | undefined> {
  if (isIP(hostname) !== 0 || isLoopback(hostname)) return undefined;
  // Resolved even without peers, because Bun reports an unknown name as an address in use.
  const { address } = await resolve(hostname);
  if (!isLoopback(address) || peers.size === 1) return undefined;
  return (
    `${hostname} is ${address} on this machine, so other machines cannot reach this replica: ` +
    `bind every address with --listen 0.0.0.0:${port}, or correct ${hostname} in /etc/hosts`
  );
}
