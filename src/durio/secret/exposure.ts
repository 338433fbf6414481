import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { type Address, NATS_PORT } from "../config/index.ts";

/** An address by which others reach a replica, or its messages. */
export interface ReachedBy extends Address {
  /** The setting that it comes from, as it was given: `--listen`, `DURIO_LISTEN`. */
  readonly name: string;
}

/** The addresses of NATS servers: the messages pass them. */
export function natsAddresses(urls: readonly URL[], name: string): ReachedBy[] {
  return urls.map(({ hostname, port }) => ({
    name,
    hostname: hostname.replace(/^\[|\]$/g, ""),
    port: Number(port || NATS_PORT),
  }));
}

type Resolve = (name: string) => Promise<readonly { readonly address: string }[]>;

const everyAddress: Resolve = (name) => lookup(name, { all: true });

/** Returns the first address that other machines can reach. Undefined if only this machine can reach any. */
export async function exposedBy(
  addresses: readonly ReachedBy[],
  resolve: Resolve = everyAddress,
): Promise<ReachedBy | undefined> {
  for (const address of addresses) {
    if (!(await isOnLoopback(address.hostname, resolve))) return address;
  }
  return undefined;
}

/** A name that can't be resolved may become any address later. */
async function isOnLoopback(hostname: string, resolve: Resolve): Promise<boolean> {
  if (isIP(hostname) !== 0) return isLoopbackAddress(hostname);
  const found = await resolve(hostname).catch(() => []);
  return found.length > 0 && found.every(({ address }) => isLoopbackAddress(address));
}

function isLoopbackAddress(address: string): boolean {
  return address === "::1" || (isIP(address) === 4 && address.startsWith("127."));
}

/** Says that an address needs a secret, and how to get one. */
export function secretNeeded({ name, hostname, port }: ReachedBy): string {
  const address = `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
  const path = "/etc/durio/secret";
  return [
    `${name}: ${address} is reached from other machines, so the cluster needs a secret:`,
    `         durio secret new --out ${path}      then   --secret-file ${path}   on every replica`,
    "       or --insecure where nobody else is on that network",
  ].join("\n");
}
