import type { Resolve } from "./addresses.ts";

/** Uses the system's resolver, with `/etc/hosts` and mDNS. */
export const resolveOnBun: Resolve = async (name) => {
  // Bun's default, c-ares, does not support mDNS: it would not find pi2.local.
  const found = await Bun.dns.lookup(name, { backend: "system" });
  return found.map(({ address }) => address);
};

/** Uses the system's resolver, on Node and Deno. */
export async function nodeResolver(): Promise<Resolve> {
  // Imported here, so that Bun does not load it.
  const { lookup } = await import("node:dns/promises");
  return async (name) => {
    const found = await lookup(name, { all: true });
    return found.map(({ address }) => address);
  };
}
