import type { Resolve } from "./addresses.ts";

/** By the system's own means, `/etc/hosts` and mDNS included. */
export const resolveOnBun: Resolve = async (name) => {
  // Bun's own way, c-ares, knows no mDNS: it would not find pi2.local.
  const found = await Bun.dns.lookup(name, { backend: "system" });
  return found.map(({ address }) => address);
};

/** By the system's own means, on Node and Deno. */
export async function nodeResolver(): Promise<Resolve> {
  // Loaded here, so that Bun does not load it.
  const { lookup } = await import("node:dns/promises");
  return async (name) => {
    const found = await lookup(name, { all: true });
    return found.map(({ address }) => address);
  };
}
